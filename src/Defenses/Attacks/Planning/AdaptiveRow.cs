using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>What is known to break some kind of module.</summary>
/// <param name="Types">The modules.</param>
/// <param name="Reason">What makes them need it, with the source.</param>
/// <param name="Attacks">The attacks, in a norm and for a reason.</param>
internal sealed record AdaptiveRow(IReadOnlyList<Type> Types, string Reason, Func<Norm, string, IEnumerable<PlannedAttack>> Attacks)
{
    internal bool Applies(nn.Module module) => Types.Any(type => type.IsInstanceOfType(module));

    internal string Why(IEnumerable<nn.Module> modules) =>
        $"{string.Join(", ", modules.Where(Applies).Select(module => module.GetType().Name).Distinct())}: {Reason}";
}
