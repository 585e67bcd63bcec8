using Defenses.Zoo;

namespace Defenses.Papers;

/// <summary>The data of a run: the training and test sets of one of the known names.</summary>
public sealed class RunData : IDisposable
{
    /// <param name="key">The name as an option.</param>
    public RunData(string key, DataSet train, DataSet test) => (Key, Train, Test) = (key, train, test);

    /// <summary>The name as an option.</summary>
    public string Key { get; }

    public DataSet Train { get; }

    public DataSet Test { get; }

    public bool IsColor => Train.ImageShape[0] == 3;

    public void Dispose()
    {
        Train.Dispose();
        Test.Dispose();
    }

    /// <summary>Sets at hand, which are disposed with it.</summary>
    public static RunData Of(string key, DataSet train, DataSet test) => new(key, train, test);

    /// <summary>Loads what was asked for; with 'auto' the preferred set where it is found, else synthetic digits.</summary>
    /// <param name="training">How many images to train on are needed; of real sets all are there.</param>
    /// <param name="test">How many images to test with are needed.</param>
    /// <exception cref="UserError">It is not there, or has fewer test images than are to be attacked.</exception>
    public static async Task<RunData> Load(RunSettings settings, int training, int test, string preferred, CancellationToken cancellation)
    {
        var digits = await Open(settings, training, Math.Max(test, settings.Images ?? 0), preferred, cancellation);
        if (settings.Images is null || settings.Images <= digits.Test.Count) return digits;
        var (name, count) = (digits.Test.Name, digits.Test.Count);
        digits.Dispose();
        throw new UserError($"--images {settings.Images} is more than {name} has test images. Give a number from 1 to {count}.");
    }

    private static async Task<RunData> Open(RunSettings settings, int training, int test, string preferred, CancellationToken cancellation)
    {
        var folder = settings.Data ?? UsualFolder();
        if (settings.Data is { } given && !settings.Download && !Directory.Exists(given))
            throw new UserError($"--data names no folder: {given}. Give the folder that holds the data sets, or leave the option out.");
        var key = settings.DataSet != "auto" ? settings.DataSet : folder is not null && Source(preferred).IsIn(folder) ? preferred : "synthetic";
        if (key == "synthetic")
            return new RunData(key, SyntheticDigits.Train(Math.Min(training, 60_000), settings.Seed),
                SyntheticDigits.Test(Math.Min(test, 10_000), settings.Seed));
        var source = Source(key);
        if (settings.Download && (folder is null || !source.IsIn(folder)))
            await source.Download(folder ??= "data", cancellation);
        if (folder is null || !source.IsIn(folder))
            throw new UserError($"{key} was not found in {folder ?? "../shared/data or data"}. Give its folder with --data, fetch it with --download, or "
                + "use --dataset synthetic.");
        return new RunData(key, source.Train(folder), source.Test(folder));
    }

    private static (Func<string, bool> IsIn, Func<string, CancellationToken, Task> Download, Func<string, DataSet> Train, Func<string,
        DataSet> Test) Source(string key) => key switch
    {
        "mnist" => (Mnist.IsIn, (folder, stop) => Mnist.DownloadAsync(folder, cancellation: stop), Mnist.Train, Mnist.Test),
        "fashion-mnist" => (FashionMnist.IsIn, (folder, stop) => FashionMnist.DownloadAsync(folder, cancellation: stop), FashionMnist.Train, FashionMnist.Test),
        "cifar10" => (Cifar10.IsIn, (folder, stop) => Cifar10.DownloadAsync(folder, cancellation: stop), Cifar10.Train, Cifar10.Test),
        _ => throw new UserError($"The data set '{key}' is not known. Known: mnist, fashion-mnist, cifar10, synthetic."),
    };

    private static string? UsualFolder() => new[] { Path.Combine("..", "shared", "data"), "data" }.FirstOrDefault(Directory.Exists);
}
