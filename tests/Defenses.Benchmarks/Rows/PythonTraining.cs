using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace Defenses.Benchmarks.Rows;

/// <summary>A Python process that trains the same network and takes one step for each line it is sent.</summary>
internal sealed class PythonTraining
{
    private const string Script = """
        import sys, time
        try:
            import torch
            from torch import nn
        except ImportError:
            sys.exit(3)
        torch.set_num_threads(int(sys.argv[1]))
        network = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(1024, 200), nn.ReLU(), nn.Dropout(0.3), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10))
        optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, nesterov=True)
        images, labels = torch.rand(512, 1, 28, 28), torch.randint(0, 10, (512,))
        for line in sys.stdin:
            rows = torch.randperm(512)[:128]
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(network(images[rows]), labels[rows]).backward()
            optimizer.step()
            print(time.process_time(), flush=True)
        """;

    private readonly Process _process;
    private TimeSpan _clock;

    private PythonTraining(Process process) => _process = process;

    /// <summary>Null where no python3 has torch.</summary>
    public static PythonTraining? Start(int threads) =>
        new[] { "python3", "/usr/bin/python3" }.Select(python => Try(python, threads)).FirstOrDefault(found => found is not null);

    /// <summary>Takes one step and waits for its end.</summary>
    public void Step()
    {
        _process.StandardInput.WriteLine();
        var seconds = _process.StandardOutput.ReadLine() ?? throw new IOException("The Python process has ended.");
        _clock = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture));
    }

    /// <summary>The processor time of the process after its last step.</summary>
    public TimeSpan Clock() => _clock;

    private static PythonTraining? Try(string python, int threads)
    {
        var start = new ProcessStartInfo(python, ["-c", Script, threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // What TorchSharp.Lite sets for itself.
        if (Avx512F.IsSupported) start.Environment.TryAdd("OPENBLAS_CORETYPE", "SkylakeX");
        else if (Avx2.IsSupported) start.Environment.TryAdd("OPENBLAS_CORETYPE", "Haswell");
        start.Environment.TryAdd("OMP_WAIT_POLICY", "PASSIVE");
        try
        {
            var training = new PythonTraining(Process.Start(start)!);
            training.Step();
            return training;
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            return null;
        }
    }
}
