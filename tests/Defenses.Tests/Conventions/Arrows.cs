namespace Defenses.Tests.Conventions;

/// <summary>Which folder of the library may use which. A folder may also use whatever those use, and the root (Require).</summary>
internal static class Arrows
{
    private static readonly Dictionary<string, string[]> Uses = new()
    {
        ["Statistics"] = [],
        ["Randomness"] = [],
        ["Layers"] = ["Statistics", "Randomness"],
        ["Training"] = ["Statistics", "Randomness"],
        ["Switching"] = ["Layers", "Training"],
        ["Retrofit"] = ["Switching"],
        ["Models"] = ["Randomness", "Layers", "Switching"],
        ["Attacks"] = ["Models"],
        ["Hardening"] = ["Attacks"],
        ["Metrics"] = ["Attacks"],
        ["Inference"] = ["Models"],
        ["Detection"] = ["Inference"],
        ["Certification"] = ["Inference"],
        ["Pages"] = ["Statistics"],
        ["Evaluation"] = ["Hardening", "Metrics", "Detection", "Certification", "Pages"],
        ["Zoo"] = ["Switching"],
        ["Onnx"] = ["Models"],
    };

    public static bool MayUse(string user, string used) => used == user || used == "" || Uses[user].Any(next => MayUse(next, used));

    /// <summary>One sentence for each pair of types that goes against an arrow. <paramref name="root"/> is the namespace above the folders.</summary>
    public static IEnumerable<string> Violations(IEnumerable<Type> types, string root)
    {
        foreach (var type in types)
        {
            if (Folder(type, root) is not { } user)
            {
                continue;
            }

            if (user != "" && !Uses.ContainsKey(user))
            {
                yield return $"{type.FullName} lies in a folder without a place among the arrows: {user}.";
                continue;
            }

            foreach (var used in References.Of(type).Where(used => Folder(used, root) is { } folder && !Allowed(user, folder)))
            {
                yield return $"{user} must not use {Folder(used, root)}: {type.FullName} uses {used.FullName}.";
            }
        }
    }

    private static bool Allowed(string user, string used) => user == "" ? used == "" : MayUse(user, used);

    // "Layers" for Defenses.Layers and below, "" for the root itself, null for a stranger.
    private static string? Folder(Type type, string root)
    {
        var space = type.Namespace ?? "";
        return space == root ? "" : space.StartsWith(root + ".", StringComparison.Ordinal) ? space[(root.Length + 1)..].Split('.')[0] : null;
    }
}
