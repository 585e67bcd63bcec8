using System.Globalization;
using Defenses.Attacks;
using Defenses.Benchmarks.Measuring;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Retrofit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Benchmarks.Rows;

/// <summary>Whole attacks. A new one is a line of <see cref="All"/>: name, batch, options, the bar, and the best of the Python libraries.</summary>
internal sealed class AttackRows
{
    private const long BareBatch = 100;
    private readonly Subject _subject;
    private readonly Work _barePass;

    private AttackRows(Subject subject, Work barePass) => (_subject, _barePass) = (subject, barePass);

    /// <summary>In bare passes of this run, which are in float32 for all rows. Others: the Python libraries, each in bare passes of its own torch
    /// (libtorch 1.13.1).</summary>
    public static IEnumerable<Row> All(Subject subject)
    {
        var own = BarePass(subject);
        return [new Row("bare pass (control: 1)", own, own), .. Attacks(subject, own)];
    }

    private static Pgd Pgd40 { get; } = new(0.3) { Steps = 40, StepSize = 0.01, Restarts = 1 };

    private static IEnumerable<Row> Attacks(Subject subject, Work barePass)
    {
        var rows = new AttackRows(subject, barePass);
        Row[][] all =
        [
            rows.Attack("FGSM, 100", 100, new Fgsm(0.3)),
            rows.Attack("BIM-40 Linf, 100", 100, new Bim(0.3) { Steps = 40, StepSize = 0.01 }, bar: 32, others: 43),
            rows.Attack("PGD-40 Linf, 100", 100, Pgd40, bar: 32, others: 43),
            rows.Attack("PGD-100 Linf, 100", 100, new Pgd(0.3) { Steps = 100, StepSize = 0.01, Restarts = 1 }, bar: 80, others: 135),
            rows.Attack("CW-PGD-40 Linf, 100", 100, new CwPgd(0.3) { Steps = 40, StepSize = 0.01, Restarts = 1 }),
            rows.Attack("C&W L2 1×100, 100", 100, new CarliniWagner { SearchSteps = 1, Steps = 100, InitialConstant = 1, AbortEarly = false }, bar: 95,
                others: 145),
            rows.Attack("C&W L2 9×100 abort early, 25", 25, new CarliniWagner { SearchSteps = 9, Steps = 100 }, bar: 500, others: 1035),
            rows.Attack("DeepFool L2, 100", 100, new DeepFool(), bar: 45, others: 92),
            rows.Attack("DeepFool Linf, 100", 100, new DeepFool { Norm = Norm.Linf }, bar: 35, others: 70),
            rows.Attack("APGD-CE-100 Linf, 100", 100, new Apgd(0.3), bar: 85, others: 127),
            rows.Attack("Square 1000 Linf, 100", 100, new Square(0.3) { Candidates = 1000 }, bar: 20, others: 40),
            rows.Attack("FAB-100 Linf, 10", 10, new Fab(), bar: 600, others: 1304),
            rows.Attack("JSMA, 10", 10, new Jsma(), bar: 100, others: 1080),
            rows.EotPgd("EOT-PGD 40×10 Linf, noise 0.1, 25", bar: 310, others: 470),
        ];
        return all.SelectMany(row => row);
    }

    // Noise at the input, averaged over ten draws.
    private Row[] EotPgd(string name, double bar, double others)
    {
        var network = Subject.NewNetwork();
        network.InsertBefore<Conv2d>(path => path == "conv1" ? new GaussianNoise(0.1) : null, rand(1, 1, 28, 28));
        return Attack(name, 25, new Pgd(0.3) { Steps = 40, StepSize = 0.01, Restarts = 1 }, bar, others,
            precision => new Eot(new Classifier(network, Bounds.Unit) { GradientPrecision = precision }, 10));
    }

    // With gradients in float32, and in bfloat16 where the attack takes them.
    private Row[] Attack(
        string name, long batch, Attack attack, double? bar = null, double? others = null, Func<GradientPrecision, ModelView>? view = null)
    {
        view ??= precision => new Classifier(_subject.Network, Bounds.Unit) { GradientPrecision = precision };
        var row = Attack(name, batch, attack, view(GradientPrecision.Float32), bar, others);
        return attack.Knowledge is Knowledge.Gradient or Knowledge.SingleStep && !attack.NeedsFloat32Gradients
            ? [row, Attack($"{name}, bfloat16", batch, attack, view(GradientPrecision.BFloat16), null, others)]
            : [row];
    }

    private Row Attack(string name, long batch, Attack attack, ModelView view, double? bar, double? others)
    {
        var (met, passes) = (double.NaN, default(Queries));
        var work = new Work(() =>
        {
            var (images, labels) = _subject.Take(batch);
            using (images)
            using (labels)
            using (var result = (attack with { Seed = 1 }).Run(view, images, labels))
            {
                met = result.Met.to_type(ScalarType.Float64).mean().ToDouble();
                passes = result.Queries;
            }
        }, batch);
        return new Row(name, work, _barePass, bar, () => string.Create(CultureInfo.InvariantCulture,
            $"{met:P0} met; {(double)passes.Forward / batch:0.#} forward, {(double)passes.Backward / batch:0.#} " +
            $"backward{(others is { } best ? $"; others: {best}" : "")}"));
    }

    // One plain forward and input gradient; contiguous, weights as they are.
    private static Work BarePass(Subject subject)
    {
        var (images, labels) = subject.Take(BareBatch);
        return new Work(() =>
        {
            using var scope = NewDisposeScope();
            var x = images.detach().requires_grad_(true);
            var loss = nn.functional.cross_entropy(subject.Network.call(x), labels, reduction: nn.Reduction.Sum);
            autograd.grad([loss], [x]);
        }, BareBatch);
    }
}
