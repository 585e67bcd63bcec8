using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>A small evaluation with everything in it: a deterministic base and a random defense, two views, two strengths, two blocks.</summary>
internal sealed class Grid : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _random;
    private readonly Threshold _base = new();
    private readonly Tensor _x, _labels;

    internal Grid(ulong layerSeed = 5, double std = 0.1)
    {
        var jitter = new Jitter(std);
        jitter.Reseed(layerSeed);
        _random = nn.Sequential(("jitter", jitter), ("threshold", new Threshold()));
        _random.eval();
        (_x, _labels) = Threshold.Data(0.1, 0.3, 0.45, 0.52, 0.7, 0.9, 0.2, 0.48, 0.61);
    }

    internal LabeledImages Examples => LabeledImages.From(_x, _labels, "levels");

    internal IReadOnlyList<DefenseEntry> Defenses =>
        [new("none", _base.Classifier()), new("jitter", new Classifier(_random, Bounds.Unit)) { Description = "Noise on the input.", Family = "noise" }];

    internal static IReadOnlyList<AttackEntry> Attacks =>
    [
        new("FGSM", epsilon => new Fgsm(epsilon)), new("FGSM", epsilon => new Fgsm(epsilon), AttackerView.Eot(2)),
        new("FGSM", epsilon => new Fgsm(epsilon), AttackerView.FixedDraw),
    ];

    internal RobustnessEvaluation Evaluation(int draws = 3, ulong? seed = 1) =>
        new(Defenses, Attacks, [0.06, 0.22]) { Draws = draws, Seed = seed, BlockSize = 5, Title = "Levels" };

    internal string Json(string? folder = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default) =>
        Bare(Evaluation().Run(Examples, folder, progress, cancellation));

    /// <summary>The report without what differs from run to run.</summary>
    internal static string Bare(EvaluationReport report) => (report with { Timing = null }).ToJson();

    public void Dispose()
    {
        _base.Dispose();
        _random.Dispose();
        _x.Dispose();
        _labels.Dispose();
    }
}
