using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Defenses.Benchmarks.Measuring;

namespace Defenses.Benchmarks.Rows;

/// <summary>A Python process that does the same work on the same libtorch, once for each line it is sent.</summary>
internal sealed class PythonWork
{
    private const string Network = """
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
        images, labels = torch.rand(512, 1, 28, 28), torch.randint(0, 10, (512,))

        """;

    private const string TrainingStep = """
        optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, nesterov=True)
        def work():
            rows = torch.randperm(512)[:128]
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(network(images[rows]), labels[rows]).backward()
            optimizer.step()

        """;

    private const string InputGradient = """
        network.eval()
        x, y = images[:100], labels[:100]
        def gradient(x):
            x = x.detach().requires_grad_(True)
            return torch.autograd.grad(nn.functional.cross_entropy(network(x), y, reduction='sum'), x)[0]

        """;

    private const string BarePass = InputGradient + """
        def work():
            gradient(x)

        """;

    private const string Pgd40 = InputGradient + """
        def work():
            adversarial = (x + torch.empty_like(x).uniform_(-0.3, 0.3)).clamp(0, 1)
            for step in range(40):
                adversarial = adversarial + 0.01 * gradient(adversarial).sign()
                adversarial = (x + (adversarial - x).clamp(-0.3, 0.3)).clamp(0, 1)

        """;

    private const string Loop = """
        for line in sys.stdin:
            work()
            print(time.process_time(), flush=True)
        """;

    private readonly Process _process;
    private TimeSpan _clock;

    private PythonWork(Process process) => _process = process;

    /// <summary>A step of training, batch 128; null where no python3 has torch, as below.</summary>
    public static Work? Training(int threads) => Start(TrainingStep, threads, 1);

    /// <summary>A forward pass and input gradient of 100 images.</summary>
    public static Work? Bare(int threads) => Start(BarePass, threads, 100);

    /// <summary>Forty steps of PGD on 100 images.</summary>
    public static Work? Pgd(int threads) => Start(Pgd40, threads, 100);

    private static Work? Start(string script, int threads, double units) =>
        new[] { "python3", "/usr/bin/python3" }.Select(python => Try(python, Network + script + Loop, threads)).FirstOrDefault(found => found is not null)
            is { } python ? new Work(python.Once, units, () => python._clock) : null;

    private void Once()
    {
        _process.StandardInput.WriteLine();
        var seconds = _process.StandardOutput.ReadLine() ?? throw new IOException("The Python process has ended.");
        _clock = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture));
    }

    private static PythonWork? Try(string python, string script, int threads)
    {
        var start = new ProcessStartInfo(python, ["-c", script, threads.ToString(CultureInfo.InvariantCulture)])
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
            var work = new PythonWork(Process.Start(start)!);
            work.Once();
            return work;
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            return null;
        }
    }
}
