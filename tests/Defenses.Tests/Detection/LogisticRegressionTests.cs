using Defenses.Detection;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

public sealed class LogisticRegressionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void With_one_binary_number_the_weights_are_the_odds_of_the_table()
    {
        var fit = LogisticRegression.Fit(Binary(zeros: 30, ones: 10), Binary(zeros: 10, ones: 50), penalty: 0);
        fit.Intercept.Should().BeApproximately(Math.Log(10.0 / 30), 1e-8);
        fit.Weights.Single().Should().BeApproximately(Math.Log(50.0 / 10 / (10.0 / 30)), 1e-8);
        Numbers.Of(fit.LogOdds(tensor(new[] { 0.0, 1 }).view(2, 1)))[1].Should().BeApproximately(Math.Log(5), 1e-8);
    }

    [Fact]
    public void Numbers_that_never_vary_leave_the_odds_of_the_counts()
    {
        var fit = LogisticRegression.Fit(full(30, 1, 4.0), full(10, 1, 4.0));
        fit.Weights.Should().Equal(0);
        fit.Intercept.Should().BeApproximately(Math.Log(10.0 / 30), 1e-8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(25)]
    public void The_fit_is_where_the_penalised_likelihood_is_flat(double penalty)
    {
        var (clean, attacked) = (Numbers.Normal([60, 3], ScalarType.Float64, 1),
            Numbers.Normal([40, 3], ScalarType.Float64, 2) * 2 + tensor(new[] { 0.5, 0, -1 }));
        var fit = LogisticRegression.Fit(clean, attacked, penalty);
        var rows = cat([clean, attacked]);
        var errors = rows.matmul(tensor(fit.Weights.ToArray())).add(fit.Intercept).sigmoid() - cat([zeros(60), ones(40)]);
        errors.sum().ToDouble().Should().BeApproximately(0, 1e-6);
        for (var j = 0; j < 3; j++)
        {
            var column = rows.select(1, j);
            var variance = (column - column.mean()).square().mean().ToDouble();
            ((errors * column).sum().ToDouble() + penalty * variance * fit.Weights[j]).Should().BeApproximately(0, 1e-6);
        }
    }

    // Close to the minimum the loss equals that of the next step within rounding: a fit that requires a lower loss would stop too early.
    [Fact]
    public void A_penalised_fit_always_ends()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            using var scope = NewDisposeScope();
            var (clean, attacked) = (Numbers.Normal([100, 3], ScalarType.Float64, 2 * seed),
                Numbers.Normal([100, 3], ScalarType.Float64, 2 * seed + 1) + seed % 5 * 0.25);
            LogisticRegression.Fit(clean, attacked).Weights.Should().OnlyContain(weight => double.IsFinite(weight), $"seed {seed}");
        }
    }

    [Fact]
    public void Units_do_not_matter()
    {
        var (clean, attacked) = (Numbers.Normal([60, 2], ScalarType.Float64, 1), Numbers.Normal([40, 2], ScalarType.Float64, 2) + 1);
        var units = tensor(new[] { 1000.0, 1e-6 });
        var (fit, scaled) = (LogisticRegression.Fit(clean, attacked), LogisticRegression.Fit(clean * units + 7, attacked * units + 7));
        scaled.Weights[0].Should().BeApproximately(fit.Weights[0] / 1000, 1e-9);
        Numbers.Of(scaled.LogOdds(clean * units + 7)).Zip(Numbers.Of(fit.LogOdds(clean)), (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-5);
    }

    [Fact]
    public void Kinds_without_overlap_need_a_penalty()
    {
        var (clean, attacked) = (tensor(new[] { 0.0, 1, 2 }).view(3, 1), tensor(new[] { 3.0, 4 }).view(2, 1));
        FluentActions.Invoking(() => LogisticRegression.Fit(clean, attacked, 0)).Should().Throw<InvalidOperationException>().WithMessage("*penalty above 0*");
        var fit = LogisticRegression.Fit(clean, attacked);
        Numbers.Of(fit.LogOdds(clean)).Max().Should().BeLessThan(Numbers.Of(fit.LogOdds(attacked)).Min());
        var twins = cat([Numbers.Normal([30, 1], ScalarType.Float64, 1).expand(30, 2)]);
        FluentActions.Invoking(() => LogisticRegression.Fit(twins, twins + 0.1, 0)).Should().Throw<InvalidOperationException>()
            .WithMessage("*linear functions of others*");
        LogisticRegression.Fit(twins, twins + 0.1).Weights.Distinct().Should().ContainSingle("twins share the weight");
    }

    [Fact]
    public void The_odds_can_be_differentiated()
    {
        var fit = LogisticRegression.Fit(Numbers.Normal([30, 2], seed: 1), Numbers.Normal([30, 2], seed: 2) + 1);
        var x = Numbers.Normal([4, 2], ScalarType.Float64, 3).requires_grad_(true);
        fit.LogOdds(x).sum().backward();
        Numbers.Of(x.grad!).Should().Equal(Enumerable.Repeat(fit.Weights, 4).SelectMany(weights => weights));
    }

    [Fact]
    public void Bad_numbers_are_refused()
    {
        var good = Numbers.Normal([5, 2]);
        FluentActions.Invoking(() => LogisticRegression.Fit(null!, good)).Should().Throw<ArgumentNullException>().WithParameterName("clean");
        FluentActions.Invoking(() => LogisticRegression.Fit(good, zeros(0, 2))).Should().Throw<ArgumentException>().WithParameterName("attacked");
        FluentActions.Invoking(() => LogisticRegression.Fit(good, good.narrow(1, 0, 1))).Should().Throw<ArgumentException>().WithParameterName("attacked");
        FluentActions.Invoking(() => LogisticRegression.Fit(good * double.NaN, good)).Should().Throw<ArgumentException>().WithParameterName("clean");
        FluentActions.Invoking(() => LogisticRegression.Fit(good.view(5, 2, 1), good)).Should().Throw<ArgumentException>().WithParameterName("clean");
        FluentActions.Invoking(() => LogisticRegression.Fit(good, good, -1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("penalty");
        FluentActions.Invoking(() => LogisticRegression.Fit(good, good).LogOdds(good.narrow(1, 0, 1))).Should().Throw<ArgumentException>()
            .WithParameterName("numbers");
        Leaks.None(() => LogisticRegression.Fit(good, good).LogOdds(good).Dispose());
    }

    private static Tensor Binary(int zeros, int ones) =>
        tensor(Enumerable.Repeat(0.0, zeros).Concat(Enumerable.Repeat(1.0, ones)).ToArray()).view(zeros + ones, 1);
}
