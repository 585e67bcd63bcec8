using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Tests.Hardening;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class BinarizationCheckTests : ModelCheckContract
{
    private const double Epsilon = 0.1;

    protected override ModelCheck Subject => ModelCheck.Binarization;

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("round", new Rounding(32)));

    // The features are the elements of the image, and one step reaches the best corner; the attack takes it so many times and then gives up.
    [Theory]
    [InlineData(20, 11, null)]   // one miss is none
    [InlineData(20, 10, Severity.Warning,
        "Each of 12 images has an adversarial example within ε by construction; the attack found 10 of them (random noise: 0).")]
    [InlineData(20, 6, Severity.Warning, "the attack found 6 of them")]
    [InlineData(20, 5, Severity.Invalid, "the attack found 5 of them")]
    [InlineData(5, 4, null)]
    [InlineData(5, 2, Severity.Invalid, "Each of 5 images")]
    [InlineData(4, 4, Severity.Note, "The test could be built for 4 images only")]
    public void What_an_attack_misses_is_counted(int images, int finds, Severity? severity, string? reason = null)
    {
        using var network = new LinearModel();
        var asked = new List<double>();
        var calls = new int[1];
        var checkup = new ModelCheckup(Epsilon) { View = AttackerView.Plain, Attack = Tire };
        var found = Probe(network, checkup, images).SingleOrDefault();
        (found?.Severity).Should().Be(severity);
        if (reason is not null) found!.Reason.Should().Contain(reason);
        asked.Should().OnlyContain(epsilon => epsilon == Epsilon);

        Attack Tire(double epsilon)
        {
            asked.Add(epsilon);
            return new Tiring(epsilon, finds, calls);
        }
    }

    // Of two ends of a line noise takes either: a hundred tries find the right one.
    [Fact]
    public void What_noise_finds_is_told()
    {
        using var network = new LinearModel(inputs: 1, classes: 2);
        Probe(network, new ModelCheckup(Epsilon) { View = AttackerView.Plain, Attack = epsilon => new Noise(0) }, 8).Single().Reason
            .Should().EndWith("found 0 of them (random noise: 8).");
    }

    [Theory]
    [InlineData("Linf", true)]
    [InlineData("L2", true)]
    [InlineData("L1", false)]
    [InlineData("L0", false)]
    public void In_Linf_and_in_L2_a_strong_attack_passes_and_one_that_does_nothing_fails(string name, bool fires)
    {
        using var network = new LinearModel();
        var checkup = new ModelCheckup(Epsilon) { Norm = Named(name), View = AttackerView.Plain, Attack = _ => new Noise(0) };
        Probe(network, checkup, 5).Select(finding => finding.Severity).Should().Equal(fires ? [Severity.Invalid] : []);
        if (fires) Probe(network, checkup with { Attack = epsilon => new Fgsm(epsilon) { Norm = Named(name) } }, 5).Should().BeEmpty();
    }

    // The attack stops at a share of ε. A model without chance has the threshold at 0.99 of the way from the farthest inner point, near 0.95, to the border;
    // one that draws has it halfway from where three quarters of the inner points are: at 0.95·½, and so at 0.74.
    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(0, 0.998, true)]
    [InlineData(1e-5, 0.82, false)]
    [InlineData(1e-5, 0.66, true)]
    public void The_threshold_lies_where_it_should(double jitter, double reach, bool fires)
    {
        using var linear = new LinearModel(inputs: 1, classes: 2);
        using var network = jitter == 0 ? nn.Sequential(("linear", linear)) : nn.Sequential(("jitter", new Jitter(jitter)), ("linear", linear));
        network.eval();
        Probe(network, new ModelCheckup(Epsilon) { View = AttackerView.Plain, Attack = epsilon => new Fgsm(reach * epsilon) }, 5)
            .Select(finding => finding.Severity).Should().Equal(fires ? [Severity.Invalid] : []);
    }

    // First the image with its inner points, then the border point; where the model draws, with 64 draws that decide a direction and 64 others for the
    // threshold.
    [Theory]
    [InlineData("Linf", 0)]
    [InlineData("L2", 0)]
    [InlineData("Linf", 1e-4)]
    public void Inner_points_lie_within_nearly_all_of_the_budget_and_the_border_point_at_all_of_it(string name, double jitter)
    {
        using var scope = NewDisposeScope();
        var (norm, memory) = (Named(name), new Memory());
        using var network = nn.Sequential(("jitter", jitter == 0 ? nn.Identity() : new Jitter(jitter)), ("memory", memory), ("linear", new LinearModel()));
        network.eval();
        foreach (var level in new[] { 0.5, 0.0, 1.0 })
        {
            memory.Seen.Clear();
            Probe(network, new ModelCheckup(Epsilon) { Norm = norm, View = AttackerView.Plain, Attack = _ => new Noise(0) }, 1, level);
            memory.Seen.RemoveAt(0);   // the class count
            var (inner, border) = (tensor(memory.Seen[0]).view(-1, 12), tensor(memory.Seen[1]).view(-1, 12));
            inner.shape[0].Should().Be(201);
            Numbers.Of(norm.Size(inner.narrow(0, 0, 1) - level))[0].Should().BeLessThan(1e-6 + 10 * jitter);
            var sizes = Numbers.Of(norm.Size(inner - level));
            sizes.Max().Should().BeLessThan(0.95 * Epsilon + 1e-6 + 10 * jitter);
            if (level == 0.5) sizes.Max().Should().BeGreaterThan(0.9 * Epsilon);
            border.shape[0].Should().Be(jitter == 0 ? 1 : 64);
            if (level == 0.5) Numbers.Of(norm.Size(border - level)).Should().OnlyContain(size => Math.Abs(size - Epsilon) < 1e-6 + 10 * jitter);
            if (jitter == 0) memory.Seen.SelectMany(batch => batch).Should().OnlyContain(value => value >= 0 && value <= 1);
            else memory.Seen[2].Should().HaveCount(64 * 12).And.NotEqual(memory.Seen[1]);
        }
    }

    [Fact]
    public void The_attack_looks_at_what_it_always_looks_at()
    {
        using var network = new LinearModel();
        var looks = 0;
        var view = new AttackerView("mine", (model, _) => { looks++; return model; });
        Probe(network, new ModelCheckup(Epsilon) { View = view, Attack = epsilon => new Fgsm(epsilon) }, 6).Should().BeEmpty();
        looks.Should().Be(6);
    }

    // The image counts in half of the draws only: by one seed the border is seen in most of the judge's, by others it is not, and nothing is there to be found.
    [Theory]
    [InlineData(1, true)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    public void An_image_whose_border_point_is_no_example_is_left_out(ulong seed, bool built)
    {
        using var network = nn.Sequential(("blinking", new Blinking()), ("linear", new LinearModel(inputs: 4, classes: 2)));
        network.eval();
        var checkup = new ModelCheckup(Epsilon) { View = AttackerView.Plain, Attack = epsilon => new Fgsm(epsilon) };
        var found = Probe(network, checkup, 5, 0, new Bounds(-1, 1), seed).SingleOrDefault();
        (found?.Reason.StartsWith("The test could be built for 0 images only", StringComparison.Ordinal)).Should().Be(built ? null : true);
    }

    // Alone an image is elsewhere than among two hundred.
    [Fact]
    public void An_image_that_is_an_example_itself_is_left_out()
    {
        using var network = nn.Sequential(("crowd", new Crowd()), ("linear", new LinearModel()));
        network.eval();
        var found = Probe(network, new ModelCheckup(Epsilon) { View = AttackerView.Plain, Attack = epsilon => new Fgsm(epsilon) });
        found.Single().Reason.Should().StartWith("The test could be built for 0 images only");
        Leaks.None(() => Probe(network, new ModelCheckup(Epsilon) { View = AttackerView.Plain }));
    }

    [Fact]
    public void The_streams_of_the_model_stand_still()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("jitter", new Jitter(1e-4)), ("linear", new LinearModel()));
        network.eval();
        network.Reseed(3);
        var next = Numbers.Of(network.call(zeros(8, 12)));
        network.Reseed(3);
        Probe(network, new ModelCheckup(Epsilon) { View = AttackerView.Plain, Attack = _ => new Noise(0) }, 1);
        Numbers.Of(network.call(zeros(8, 12))).Should().Equal(next);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]   // the next of the last class is the first
    public void Of_the_logits_one_is_the_score_one_its_opposite_and_the_rest_are_far_below(long label)
    {
        using var scope = NewDisposeScope();
        using var linear = new LinearModel(inputs: 2, classes: 3);
        using var features = new PenultimateFeatures(linear, 3);
        var x = tensor(new float[,] { { 1, 0.5f }, { 0, -2 } });
        using (var network = new BinarizedNetwork(linear, features, new BinaryReadout([2, -1], 0.25), x, label, 3))
        {
            var logits = Numbers.Of(network.call(x)).Chunk(3).ToArray();
            foreach (var (row, score) in logits.Zip([1.75, 2.25]))
            {
                (row[label], row[(label + 1) % 3]).Should().Be((-score, score));
                row[(label + 2) % 3].Should().Be(-score - 10);
            }
        }
        linear.call(x).shape.Should().Equal(2, 3);
    }

    private IReadOnlyList<Finding> Probe(
        nn.Module<Tensor, Tensor> network, ModelCheckup checkup, int images = 12, double level = 0.5, Bounds? bounds = null, ulong seed = 1)
    {
        using var scope = NewDisposeScope();
        var inputs = network.parameters().First().shape[1];
        var labels = full([images], network.parameters().First().shape[0] - 1, dtype: ScalarType.Int64);
        var (model, x, numbers) = (new Classifier(network, bounds ?? Bounds.Unit), full([images, inputs], level), Enumerable.Range(0, images).ToArray());
        using (model.LendStreams(1)) model.Logits(x).Dispose();   // makes the number of classes known
        return Subject.Probe(new CheckContext(checkup, model, x, labels, numbers, seed, CancellationToken.None));
    }

    private static Norm Named(string name) => new[] { Norm.L0, Norm.L1, Norm.L2, Norm.Linf }.Single(norm => $"{norm}" == name);

    // A step for so many runs, and then nothing.
    private sealed record Tiring(double Epsilon, int Finds, int[] Calls) : Attack
    {
        public override Norm Norm { get; init; } = Norm.Linf;

        public override Knowledge Knowledge => Knowledge.Gradient;

        protected internal override Tensor Perturb(AttackRun run) =>
            Calls[0]++ < Finds ? new Fgsm(Epsilon).Perturb(run) : run.Original.clone();
    }

    // Lets the whole input through in half of the draws, and nothing in the others; the gradient always.
    private sealed class Blinking() : StochasticLayer(nameof(Blinking))
    {
        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            return (x - x.detach() + x.detach() * random.Bernoulli(0.5, x.narrow(1, 0, 1))).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => x.alias();
    }

    // Moves its input far in batches of less than 100.
    private sealed class Crowd() : nn.Module<Tensor, Tensor>(nameof(Crowd))
    {
        public override Tensor forward(Tensor x) => x.shape[0] < 100 ? x + 100 : x.alias();
    }
}
