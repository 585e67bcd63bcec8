using Defenses.Papers;
using Defenses.Zoo;

namespace Defenses.Cli;

/// <summary>Finds the images that --data and --dataset name, for every command that tries a model.</summary>
internal static class TestDataReader
{
    private const string Option = "--data", Kinds = "a folder with a folder of pictures for each class, a .npy or .safetensors file, a folder with data sets, "
        + "or the name of a set (mnist, fashion-mnist, cifar-10, synthetic)";

    private static readonly IReadOnlyList<(string Name, Func<string, bool> IsIn)> s_sets =
        [("mnist", Mnist.IsIn), ("fashion-mnist", FashionMnist.IsIn), ("cifar10", Cifar10.IsIn)];

    /// <param name="trainedOn">The data set that the model was trained on, where that is known: used when no option names another.</param>
    /// <exception cref="UserError">There are no images, or options contradict each other.</exception>
    internal static async Task<TestData> Read(ModelSettings settings, string? trainedOn, CancellationToken cancellation)
    {
        var data = await Find(settings, trainedOn, cancellation);
        try
        {
            if (!data.IsFolder && settings.Data.PictureOptionsGiven.Count > 0)
                throw new UserError($"{settings.Data.PictureOptionsGiven[0]} is for folders of pictures; {data.Key} is none.");
            if (data.IsFolder && settings.Data.Labels is not null) throw new UserError(
                $"--labels is for .npy files; {data.Key} is a folder, in which the folder of a picture is its class.");
            data.Choose(settings.Images);
            RequireRange(data);
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    private static Task<TestData> Find(ModelSettings settings, string? trainedOn, CancellationToken cancellation)
    {
        var (run, given) = (settings.Run, settings.Run.Data);
        if (SetName(given) is { } name)
        {
            if (run.DataSet != "auto" && run.DataSet != name)
                throw new UserError($"--data {given} and --dataset {run.DataSet} name two data sets: give one of them.");
            return Named(settings, run with { DataSet = name, Data = null }, cancellation);
        }
        if (run.DataSet != "auto") return Named(settings, run, cancellation);
        if (given is null) return Named(settings, run with { DataSet = trainedOn ?? "auto" }, cancellation);
        if (File.Exists(given)) return Task.FromResult(Arrays(given, settings.Data));
        if (!Directory.Exists(given) && !run.Download) throw new UserError($"{Option}: there is no {given}. Give {Kinds}.");
        var inside = s_sets.FirstOrDefault(set => set.IsIn(given)).Name;
        if (inside is null && !run.Download) return Task.FromResult(Pictures(given, settings.Data));
        return Named(settings, run with { DataSet = trainedOn is not null and not "synthetic" ? trainedOn : inside ?? "mnist" }, cancellation);
    }

    private static string? SetName(string? given) =>
        given == "cifar-10" ? "cifar10" : given == "synthetic" || s_sets.Any(set => set.Name == given) ? given : null;

    private static async Task<TestData> Named(ModelSettings settings, RunSettings run, CancellationToken cancellation)
    {
        if (settings.Data.Labels is not null) throw new UserError("--labels is for a .npy file of images in --data; a data set has its own.");
        var sets = await RunData.Load(run, 1, settings.Images, "mnist", cancellation);
        var classes = settings.Data.Classes;
        if (classes is null || classes.Count == sets.Test.ClassNames.Count) return TestData.Of(sets.Key, sets.Test, sets, classes?.Names);
        var count = sets.Test.ClassNames.Count;
        sets.Dispose();
        throw new UserError($"{ClassList.Option} names {classes.Count} classes; {sets.Key} has {count}.");
    }

    private static TestData Pictures(string folder, DataSettings settings) => PathOption.Read(Option, folder, () =>
    {
        if (settings.Classes is { Names: null } number && Classes(folder) != number.Count) throw new UserError(
            $"{ClassList.Option} says {number.Count} classes; {folder} has {Classes(folder)} folders. Give the names of all classes in the network's order.");
        return TestData.Of(folder, new ImageFolder(folder, settings.Pictures, settings.Classes?.Names));
    });

    private static int Classes(string folder) => Directory.EnumerateDirectories(folder).Count(path => !Path.GetFileName(path).StartsWith('.'));

    private static TestData Arrays(string file, DataSettings settings) => PathOption.Read(Option, file, () =>
    {
        var names = settings.Classes?.Names ?? (settings.Classes is { } number ? [.. Enumerable.Range(0, number.Count).Select(name => $"{name}")] : null);
        switch (Path.GetExtension(file).ToLowerInvariant())
        {
            case ".npy":
                return Pair(file, LabelsFor(file, settings.Labels), names);
            case ".safetensors":
                if (settings.Labels is not null) throw new UserError($"--labels is for .npy files; {file} holds its labels itself.");
                return TestData.Of(file, ArraySet.FromSafetensors(file, names));
            default:
                throw new UserError($"{Option} must be {Kinds}; {file} is none of these.");
        }
    });

    private static TestData Pair(string images, string labels, IReadOnlyList<string>? names)
    {
        try
        {
            return TestData.Of(images, ArraySet.FromNpy(images, labels, names));
        }
        catch (InvalidDataException error) when (error.Message.Contains(labels, StringComparison.Ordinal))
        {
            throw PathOption.Bad("--labels", labels, error.Message);
        }
    }

    // "images" and "labels" or "x" and "y" stand at the same place of the two names.
    private static string LabelsFor(string images, string? given)
    {
        if (given is not null)
        {
            PathOption.RequireFile("--labels", given, "Give a .npy file with the class of each image.");
            return given;
        }
        var (folder, name) = (Path.GetDirectoryName(Path.GetFullPath(images))!, Path.GetFileName(images));
        string[] tried = [.. new[] { name.Replace("images", "labels", StringComparison.Ordinal), Swapped(name) }.Where(other => other != name).Distinct()];
        return tried.Select(other => Path.Combine(folder, other)).FirstOrDefault(File.Exists) ?? throw new UserError(
            $"--labels must name the .npy file with the classes of {images}"
            + (tried.Length > 0 ? $": there is no {string.Join(" or ", tried)} beside it." : "."));
    }

    private static string Swapped(string name)
    {
        var words = Path.GetFileNameWithoutExtension(name).Split('_', '-');
        var place = Array.FindIndex(words, word => word is "x" or "X");
        if (place < 0) return name;
        var at = words.Take(place).Sum(word => word.Length + 1);
        return $"{name[..at]}y{name[(at + 1)..]}";
    }

    // Numbers in another range would be attacked as another image than the network was made for, or refused far from here.
    private static void RequireRange(TestData data)
    {
        if (!data.IsOwn || data.IsFolder) return;
        using var scope = TorchSharp.torch.NewDisposeScope();
        var (images, _) = data.Read(0, Math.Min(100, data.Chosen));
        var (low, high) = (images.min().item<float>(), images.max().item<float>());
        if (low < -1e-5 || high > 1 + 1e-5)
            throw new UserError(FormattableString.Invariant($"{Option} {data.Key}: images must lie in 0 to 1, or be uint8; these span {low:g3} to {high:g3}. ")
                + FormattableString.Invariant($"In NumPy: (images - {low:g3}) / {high - low:g3}, and give what the network expects by --mean and --std."));
    }
}
