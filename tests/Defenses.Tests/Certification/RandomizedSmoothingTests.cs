using Defenses.Certification;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using Defenses.Tests.Contracts;
using Defenses.Tests.Training;
using MathNet.Numerics.Distributions;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Certification;

public sealed class RandomizedSmoothingTests
{
    private const double Std = 0.5;
    private static readonly Bounds s_bounds = new(-3, 3);

    [Fact]
    public void On_a_linear_model_the_radius_is_at_most_the_distance_to_the_boundary_and_near_it()
    {
        using var scope = NewDisposeScope();
        using var model = new Line();
        var x = Points(0.1, 0.3, 0.6, 1.0, -0.4);
        var certificates = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { EstimationDraws = 40_000, RowsPerPass = 5000, Seed = 3 }.Certify(x);
        double[] distances = [0.1, 0.3, 0.6, 1.0, 0.4];
        for (var i = 0; i < distances.Length; i++)
        {
            certificates[i].Class.Should().Be(i == 4 ? 0 : 1);
            certificates[i].Index.Should().Be(i);
            certificates[i].Radius.Should().BeLessThanOrEqualTo(distances[i]);
            certificates[i].Radius.Should().BeGreaterThan(distances[i] - 0.03, "Clopper and Pearson's bound is a few standard errors below the truth");
        }
    }

    [Fact]
    public void A_certificate_is_the_one_sided_bound_of_its_votes_and_nothing_where_that_is_no_majority()
    {
        using var scope = NewDisposeScope();
        using var model = new Line();
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { SelectionDraws = 200, EstimationDraws = 2000, Alpha = 0.02, Seed = 7,
            RowsPerPass = 2000 };
        var certificates = smoothing.Certify(Points(0, 0.01, 0.02, 0.04, 0.05, 0.06, 0.3));
        foreach (var certificate in certificates)
        {
            certificate.Probability.Should().Be(BinomialInterval.ClopperPearsonLower(certificate.Votes, 2000, 0.98));
            certificate.Radius.Should().BeApproximately(certificate.Probability > 0.5 ? Std * Normal.InvCDF(0, 1, certificate.Probability) : 0, 1e-12);
            certificate.IsCertified.Should().Be(certificate.Probability > 0.5);
        }
        certificates.Should().Contain(certificate => certificate.Probability < 0.49).And.Contain(certificate =>
            certificate.Probability > 0.5 && certificate.Probability < 0.54);
    }

    [Fact]
    public void Too_large_a_radius_is_as_rare_as_alpha_says()
    {
        using var scope = NewDisposeScope();
        using var model = new Line();
        const double distance = 0.25, alpha = 0.1;
        const int repetitions = 600;
        var x = full([repetitions, 2], distance / Math.Sqrt(2), dtype: ScalarType.Float64);
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { SelectionDraws = 20, EstimationDraws = 200, Alpha = alpha, Seed = 5,
            RowsPerPass = 200 };
        var certificates = smoothing.Certify(x);
        var wrong = certificates.Count(certificate => certificate is { Class: 1 } && certificate.Radius > distance);
        ((double)wrong / repetitions).Should().BeLessThan(alpha + 4 * Math.Sqrt(alpha * (1 - alpha) / repetitions));
        wrong.Should().BeGreaterThan(0, "otherwise the bound would not be the sharp one");
        certificates.Select(certificate => certificate.Votes).Distinct().Count().Should().BeGreaterThan(5, "every image has noise of its own");
    }

    [Fact]
    public void Selection_and_estimation_use_other_draws()
    {
        using var scope = NewDisposeScope();
        using var model = new CoinFlip(0.5);
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { SelectionDraws = 200, EstimationDraws = 200, Alpha = 0.05, Seed = 1,
            RowsPerPass = 200 };
        var certificates = smoothing.Certify(zeros(400, 2));
        var certified = certificates.Count(certificate => certificate.IsCertified) / 400.0;
        certified.Should().BeLessThan(0.05 + 4 * Math.Sqrt(0.05 * 0.95 / 400), "draws that chose the class would favour it");
        certificates.Average(certificate => certificate.Votes / 200.0).Should().BeApproximately(0.5, 4 * 0.5 / Math.Sqrt(400 * 200));
        certificates.Select(certificate => certificate.Class).Distinct().Should().HaveCount(2);
    }

    [Fact]
    public void Selection_and_estimation_take_the_draws_they_are_given()
    {
        using var scope = NewDisposeScope();
        using var model = new Counted();
        var certificate = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { SelectionDraws = 30, EstimationDraws = 700, Seed = 1,
            RowsPerPass = 100 }.Certify(Points(1))[0];
        (model.Rows, certificate.Draws).Should().Be((730, 700));
    }

    [Fact]
    public void A_random_classifier_is_certified_by_the_probability_over_its_own_draws_and_the_noise()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Sequential(("line", new Line()), ("flip", new Flip(0.2)));
        model.eval();
        const double distance = 0.6;
        var certificate = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { EstimationDraws = 20_000, Seed = 3,
            RowsPerPass = 5000 }.Certify(Points(distance))[0];
        var right = Normal.CDF(0, 1, distance / Std);
        var truth = 0.8 * right + 0.2 * (1 - right);
        ((double)certificate.Votes / 20_000).Should().BeApproximately(truth, 4 * Math.Sqrt(truth * (1 - truth) / 20_000));
        certificate.Probability.Should().BeLessThan(truth);
        certificate.Radius.Should().BeApproximately(Std * Normal.InvCDF(0, 1, certificate.Probability), 1e-12);
    }

    [Fact]
    public void Layers_that_draw_once_for_a_batch_run_draw_by_draw()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Sequential(("line", new Line()), ("flip", new Flip(0.3, perBatch: true)));
        model.eval();
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), 0.01) { SelectionDraws = 1, EstimationDraws = 40, Alpha = 0.05, Seed = 2 };
        var votes = smoothing.Certify(Points([.. Enumerable.Repeat(2.0, 60)]))
            .Select(certificate => certificate.Class == 1 ? certificate.Votes : 40 - certificate.Votes).ToArray();
        votes.Average(count => count / 40.0).Should().BeApproximately(0.7, 4 * Math.Sqrt(0.21 / 2400));
        var variance = votes.Average(count => Math.Pow(count - 28, 2));
        variance.Should().BeApproximately(40 * 0.21, 4 * 40 * 0.21 * Math.Sqrt(2.0 / 60), "shared draws would give all votes of an image to one side");
    }

    [Fact]
    public void A_prediction_abstains_where_a_fair_coin_could_have_split_the_votes()
    {
        using var scope = NewDisposeScope();
        using var model = new Line();
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { Alpha = 0.05, Seed = 4 };
        var predictions = smoothing.Predict(Points(1, -1, 0), draws: 300);
        predictions.Take(2).Select(prediction => (prediction.Class, prediction.Abstains)).Should().Equal((1, false), (0, false));
        predictions.Should().OnlyContain(prediction => prediction.Votes + prediction.OtherVotes == 300 && prediction.Votes >= prediction.OtherVotes);
        predictions.Should().OnlyContain(prediction => prediction.PValue == McNemar.PValue(prediction.Votes, prediction.OtherVotes));
        var answered = smoothing.Predict(Points([.. Enumerable.Repeat(0.0, 400)]), draws: 100).Count(prediction => !prediction.Abstains);
        (answered / 400.0).Should().BeLessThan(0.05 + 4 * Math.Sqrt(0.05 * 0.95 / 400), "on the boundary either answer is a guess");
    }

    // Three classes with 4, 3 and 3 of ten votes: only the two most frequent are compared.
    [Fact]
    public void A_prediction_compares_the_two_classes_with_the_most_votes()
    {
        using var scope = NewDisposeScope();
        using var model = new Spinner(0.4, 0.3);
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { Alpha = 0.05, Seed = 4 };
        foreach (var prediction in smoothing.Predict(zeros(20, 2), draws: 400))
        {
            (prediction.Votes + prediction.OtherVotes).Should().BeInRange(200, 340, "the third class has its votes, too");
            prediction.PValue.Should().Be(McNemar.PValue(prediction.Votes, prediction.OtherVotes));
            prediction.Abstains.Should().Be(prediction.PValue > 0.05);
        }
    }

    [Fact]
    public void Of_classes_with_as_many_votes_the_smallest_is_named()
    {
        using var scope = NewDisposeScope();
        using var model = new CoinFlip(0.5);
        var predictions = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { Seed = 4 }.Predict(zeros(40, 2), draws: 2);
        var ties = predictions.Where(prediction => prediction.Votes == prediction.OtherVotes).ToArray();
        ties.Length.Should().BeInRange(8, 32);
        ties.Should().OnlyContain(prediction => prediction.Class == 0 && prediction.Abstains && prediction.PValue == 1);
    }

    // Of images at the lower bound, half of the noise leads out of the bounds, where the answer is another.
    [Fact]
    public void Noisy_images_are_not_clipped()
    {
        using var scope = NewDisposeScope();
        using var model = new Line();
        var certificate = new RandomizedSmoothing(new Classifier(model, new Bounds(0, 3)), Std) { EstimationDraws = 2000, Seed = 3,
            RowsPerPass = 2000 }.Certify(Points(0.3))[0];
        var truth = Normal.CDF(0, 1, 0.3 / Std);
        (certificate.Votes / 2000.0).Should().BeApproximately(truth, 4 * Math.Sqrt(truth * (1 - truth) / 2000));
    }

    [Fact]
    public void The_draws_of_a_random_classifier_follow_the_seed_and_its_own_stand_still()
    {
        using var scope = NewDisposeScope();
        using var model = new CoinFlip(0.7);
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { SelectionDraws = 10, EstimationDraws = 200, Seed = 4 };
        model.Reseed(8);
        var next = Numbers.Of(model.call(zeros(50, 2)));
        model.Reseed(8);
        var certificates = smoothing.Certify(zeros(3, 2));
        Numbers.Of(model.call(zeros(50, 2))).Should().Equal(next);
        smoothing.Certify(zeros(3, 2)).Should().Equal(certificates);
    }

    [Fact]
    public void A_seed_and_a_number_decide_a_certificate_whatever_stands_beside_the_image()
    {
        using var scope = NewDisposeScope();
        using var model = new Line();
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { EstimationDraws = 500, Seed = 9 };
        var all = smoothing.Certify(Points(0.1, 0.2, 0.3, 0.4));
        smoothing.Certify(Points(0.3, 0.4), firstIndex: 2).Should().Equal(all.Skip(2));
        smoothing.Certify(Points(0.3), firstIndex: 3)[0].Votes.Should().NotBe(all[2].Votes);
        new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { EstimationDraws = 500, Seed = 10 }.Certify(Points(0.3), 2)[0].Should().NotBe(all[2]);
    }

    [Fact]
    public void Certified_accuracy_counts_what_is_proved_of_the_right_class()
    {
        Certificate[] certificates = [new(0, 1, 0.5, 0.9, 9, 10), new(1, 1, 0.2, 0.7, 7, 10), new(2, 0, 0.9, 0.99, 10, 10), new(3, 1, 0, 0.4, 4, 10)];
        long[] labels = [1, 1, 1, 1];
        CertifiedAccuracy.At(certificates, labels, 0).Should().Be(new Proportion(2, 4));
        CertifiedAccuracy.At(certificates, labels, 0.2).Successes.Should().Be(2);
        CertifiedAccuracy.At(certificates, labels, 0.3).Successes.Should().Be(1);
        CertifiedAccuracy.At(certificates, labels, 0.6).Successes.Should().Be(0);
        var wrong = () => CertifiedAccuracy.At(certificates, [1, 1], 0);
        wrong.Should().Throw<ArgumentException>().WithMessage("*4 certificates*2*");
    }

    [Fact]
    public void An_answer_that_is_no_number_is_no_vote()
    {
        using var scope = NewDisposeScope();
        using var model = new Line(broken: true);
        var certificate = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { EstimationDraws = 100, Seed = 1 }.Certify(Points(-2))[0];
        certificate.Votes.Should().Be(0);
        certificate.IsCertified.Should().BeFalse();
    }

    [Fact]
    public void Leaves_no_tensor_behind_and_refuses_bad_input()
    {
        using var model = new Line();
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), Std) { EstimationDraws = 600 };
        using var x = Points(0.3, 0.1);
        Leaks.None(() => smoothing.Certify(x));
        Leaks.None(() => smoothing.Predict(x, draws: 50));
        using var far = Points(50);
        smoothing.Invoking(s => s.Certify(far)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*bounds*");
        smoothing.Invoking(s => s.Certify(x, firstIndex: -1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("firstIndex");
        var std = () => new RandomizedSmoothing(new Classifier(model, s_bounds), 0);
        std.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("std");
        var alpha = () => new RandomizedSmoothing(new Classifier(model, s_bounds), 1) { Alpha = 0 };
        alpha.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Alpha*");
        model.train();
        smoothing.Invoking(s => s.Certify(x)).Should().Throw<InvalidOperationException>().WithMessage("*training mode*");
        model.eval();
        using var source = new CancellationTokenSource();
        var heard = new ProgressLog<CertificationProgress>(_ => source.Cancel());
        smoothing.Invoking(s => s.Certify(x, progress: heard, cancellation: source.Token)).Should().Throw<OperationCanceledException>();
        heard.All.Should().Equal(new CertificationProgress(1, 2));
    }

    // Points at signed distances from the boundary of Line.
    private static Tensor Points(params double[] distances)
    {
        using var along = tensor(distances).unsqueeze(1);
        using var halves = along / Math.Sqrt(2);
        return halves.expand(distances.Length, 2).clone();
    }

    /// <summary>Class 1 above the line x₁ + x₂ = 0, class 0 below. Broken: no number below it but for the first batch.</summary>
    internal sealed class Line : nn.Module<Tensor, Tensor>
    {
        private readonly bool _broken;
        private bool _checked;

        internal Line(bool broken = false) : base(nameof(Line))
        {
            _broken = broken;
            eval();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var side = x.sum(1, keepdim: true) * 3;
            if (_broken && _checked) side = side / side.gt(0).to_type(side.dtype) - side / side.gt(0).to_type(side.dtype);
            _checked = true;
            return cat([-side, side], 1).MoveToOuterDisposeScope();
        }
    }

    // Turns two logits round with a probability.
    private sealed class Flip(double probability, bool perBatch = false) : StochasticLayer(nameof(Flip))
    {
        public override bool DrawsPerSample => !perBatch;

        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            var sign = perBatch ? (random.Uniform() < probability ? -1 : 1) * ones_like(x) : 1 - 2 * random.Bernoulli(probability, x.narrow(1, 0, 1));
            return (x * sign).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => x.alias();
    }

    // Three classes at random, the first two with the given probabilities.
    private sealed class Spinner : StochasticLayer
    {
        private readonly double _first, _second;

        internal Spinner(double first, double second) : base(nameof(Spinner))
        {
            (_first, _second) = (first, second);
            eval();
        }

        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            var u = random.Uniform(x.narrow(1, 0, 1));
            var (low, middle) = (u.lt(_first).to_type(x.dtype), u.lt(_first + _second).to_type(x.dtype));
            return (cat([low, middle - low, 1 - middle], 1) * 8 - 4).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => zeros(x.shape[0], 3);
    }

    // Class 1 always; counts the rows it has seen.
    private sealed class Counted : nn.Module<Tensor, Tensor>
    {
        internal Counted() : base(nameof(Counted)) => eval();

        internal long Rows { get; private set; }

        public override Tensor forward(Tensor x)
        {
            Rows += x.shape[0];
            using var scope = NewDisposeScope();
            return cat([zeros(x.shape[0], 1) - 3, zeros(x.shape[0], 1) + 3], 1).MoveToOuterDisposeScope();
        }
    }
}
