using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Defenses.Benchmarks.Measuring;

/// <summary>What the numbers were measured on.</summary>
internal static class Machine
{
    public static string Describe() =>
        string.Create(CultureInfo.InvariantCulture, $"{Processor()}, {Environment.ProcessorCount} logical cores, {torch.get_num_threads()} thread used; ")
        + $"{RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}; " +
        $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}, libtorch {torch.__version__}; "
        + TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + ".";

    private static string Processor()
    {
        const string Linux = "/proc/cpuinfo";
        var name = File.Exists(Linux) ? File.ReadLines(Linux).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1]
            .Trim() : null;
        return name ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
