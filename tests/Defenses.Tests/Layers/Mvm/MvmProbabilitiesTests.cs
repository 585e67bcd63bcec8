using Defenses.Layers;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class MvmProbabilitiesTests
{
    private static readonly double[] Draws = [1, 2, 3, 10, 0.5, -1, -2, -50];   // below 1: a fraction of the rows; negative: a multiple

    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (var family in new[] { "constant", "chi-square", "lognormal 2", "lognormal 6", "sparse lognormal", "rectified" })
            foreach (var units in new[] { 16, 300 })
                cases.Add(family, units);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_optimality_condition_holds_to_rounding_in_double_precision(string family, int units)
    {
        using var scope = NewDisposeScope();
        var alpha = Family(family, units, ScalarType.Float64);
        foreach (var draws in Draws.Select(c => Count(c, units)))
        {
            var p = MvmProbabilities.Solve(alpha, draws);
            Numbers.Of(p.sum(1)).Should().OnlyContain(sum => Math.Abs(sum - 1) < 1e-12);
            foreach (var row in Enumerable.Range(0, (int)alpha.shape[0])) Spread(Numbers.Of(alpha[row]), Numbers.Of(p[row]), draws).Should().BeLessThan(1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Single_precision_is_as_good_as_double(string family, int units)
    {
        using var scope = NewDisposeScope();
        var alpha = Family(family, units, ScalarType.Float64);
        foreach (var draws in Draws.Select(c => Count(c, units)))
        {
            var best = MvmProbabilities.Objective(alpha, MvmProbabilities.Solve(alpha, draws), draws);
            var single = MvmProbabilities.Solve(alpha.to_type(ScalarType.Float32), draws).to_type(ScalarType.Float64);
            Numbers.Of(single.sum(1)).Should().OnlyContain(sum => Math.Abs(sum - 1) < 2e-6);
            var excess = Numbers.Of(MvmProbabilities.Objective(alpha, single / single.sum(1, keepdim: true), draws) / best - 1);
            excess.Should().OnlyContain(relative => relative < 1e-6 && relative > -1e-9, $"draws {draws}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Projected_gradient_descent_never_finds_anything_better(string family, int units)
    {
        using var scope = NewDisposeScope();
        var alpha = Family(family, units, ScalarType.Float64);
        foreach (var draws in new[] { 2.0, units / 2.0, 2.0 * units })
        {
            var best = MvmProbabilities.Objective(alpha, MvmProbabilities.Solve(alpha, draws), draws);
            foreach (var step in new[] { 1e-2, 1 })
            {
                var p = MvmProbabilities.ProjectedGradient(alpha, draws, step, tolerance: 0, iterations: 30);
                Numbers.Of(p.sum(1)).Should().OnlyContain(sum => Math.Abs(sum - 1) < 1e-9);
                Numbers.Of(best / MvmProbabilities.Objective(alpha, p, draws)).Should().OnlyContain(ratio => ratio <= 1 + 1e-12);
            }
        }
    }

    [Fact]
    public void Projected_gradient_descent_comes_close_where_the_problem_is_kind()
    {
        using var scope = NewDisposeScope();
        var alpha = Family("chi-square", 64, ScalarType.Float64);
        var best = MvmProbabilities.Objective(alpha, MvmProbabilities.Solve(alpha, 64), 64);
        var found = MvmProbabilities.Objective(alpha, MvmProbabilities.ProjectedGradient(alpha, 64, step: 0.1, iterations: 500), 64);
        Numbers.Of(found / best).Should().OnlyContain(ratio => ratio < 1 + 1e-6);
    }

    [Fact]
    public void The_algorithm_for_many_rows_at_once_agrees_with_the_one_in_the_cache()
    {
        using var scope = NewDisposeScope();
        foreach (var draws in new[] { 2.0, 31, 62, 125 })
        {
            var alpha = Family("rectified", 62, ScalarType.Float32);
            var (cached, together) = (MvmProbabilities.Solve(alpha, draws), MvmNewton.Solve(alpha, draws));
            Numbers.Of((cached - together).abs().amax([1L])).Should().OnlyContain(difference => difference < 1e-5);
        }
    }

    [Fact]
    public void One_draw_has_a_closed_form_and_so_has_equality()
    {
        using var scope = NewDisposeScope();
        var alpha = tensor(new[,] { { 1.0, 4, 9, 0 }, { 5, 5, 5, 5 } });
        double[] expected = [1 / 6.0, 2 / 6.0, 3 / 6.0, 0, 0.25, 0.25, 0.25, 0.25];
        foreach (var p in new[] { MvmProbabilities.Solve(alpha, 1), MvmProbabilities.SquareRoot(alpha, 1), MvmProbabilities.Solve(alpha, 1 + 1e-9) })
            Numbers.Of(p).Zip(expected).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-8);
        Numbers.Of(MvmProbabilities.Solve(alpha, 7)[1]).Should().OnlyContain(p => Math.Abs(p - 0.25) < 1e-12);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void No_active_unit_is_uniform_and_a_single_one_takes_all(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var alpha = zeros(2, 5, dtype: dtype);
        alpha[1, 3] = 1e-30;
        foreach (var solve in new Func<Tensor, double,
            Tensor>[] { MvmProbabilities.Solve, MvmProbabilities.SquareRoot, (a, c) => MvmProbabilities.ProjectedGradient(a, c) })
        {
            var p = solve(alpha, 3);
            Numbers.Of(p[0]).Should().OnlyContain(value => Math.Abs(value - 0.2) < 1e-6);
            Numbers.Of(p[1]).Should().Equal(0, 0, 0, 1, 0);
        }
    }

    [Fact]
    public void Weights_that_span_sixty_orders_of_magnitude_are_solved_exactly()
    {
        using var scope = NewDisposeScope();
        var alpha = (linspace(-30, 30, 61, dtype: ScalarType.Float64) * Math.Log(10)).exp().unsqueeze(0);
        var p = MvmProbabilities.Solve(alpha, 2);
        p.sum().ToDouble().Should().BeApproximately(1, 1e-12);
        Spread(Numbers.Of(alpha), Numbers.Of(p), 2).Should().BeLessThan(1e-9);
    }

    [Fact]
    public void The_gradient_of_the_exact_probabilities_agrees_with_differences()
    {
        using var scope = NewDisposeScope();
        foreach (var draws in new[] { 2.0, 6, 20 })
        {
            var alpha = Family("chi-square", 6, ScalarType.Float64).narrow(0, 0, 1).detach().requires_grad_();
            var weight = Numbers.Normal([1, 6], ScalarType.Float64);
            var p = MvmProbabilities.WithGradient(alpha, MvmProbabilities.Solve(alpha, draws), draws);
            var gradient = Numbers.Of(autograd.grad([(p * weight).sum()], [alpha])[0]);
            for (var i = 0; i < 6; i++)
            {
                var step = zeros(1, 6, dtype: ScalarType.Float64);
                step[0, i] = 1e-5;
                var change = (MvmProbabilities.Solve(alpha.detach() + step, draws) - MvmProbabilities.Solve(alpha.detach() - step, draws)) * weight;
                gradient[i].Should().BeApproximately(change.sum().ToDouble() / 2e-5, 1e-7);
            }
        }
    }

    [Fact]
    public void The_projection_on_the_simplex_is_the_nearest_point()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Normal([20, 7], ScalarType.Float64);
        var p = MvmDescent.ProjectOnSimplex(x);
        Numbers.Of(p).Should().OnlyContain(value => value >= 0);
        Numbers.Of(p.sum(1)).Should().OnlyContain(sum => Math.Abs(sum - 1) < 1e-12);
        var others = Numbers.Uniform([200, 1, 7], ScalarType.Float64).log();   // (x − p)·(q − p) ≤ 0 for every q of the simplex
        others = others / others.sum(2, keepdim: true);
        Numbers.Of(((x - p) * (others - p)).sum(2)).Should().OnlyContain(product => product <= 1e-12);
        Numbers.Of(MvmDescent.ProjectOnSimplex(p) - p).Should().OnlyContain(change => Math.Abs(change) < 1e-12);
    }

    [Fact]
    public void Nothing_stays_behind()
    {
        using var alpha = Numbers.Uniform([3, 20]);
        using var exact = alpha.to_type(ScalarType.Float64);
        foreach (var input in new[] { alpha, exact })
            Numbers.LeaveNothing(() =>
            {
                using var p = MvmProbabilities.Solve(input, 7);
                MvmProbabilities.SquareRoot(input, 7).Dispose();
                MvmProbabilities.ProjectedGradient(input, 7).Dispose();
                MvmProbabilities.Objective(input, p, 7).Dispose();
            });
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        using var alpha = ones(2, 3);
        using var flat = ones(3);
        using var integers = ones([2, 3], dtype: ScalarType.Int64);
        FluentActions.Invoking(() => MvmProbabilities.Solve(alpha, 0.5)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("draws must be at least 1*0.5*");
        FluentActions.Invoking(() => MvmProbabilities.Solve(alpha, double.NaN)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("draws*NaN*");
        FluentActions.Invoking(() => MvmProbabilities.Solve(alpha, double.PositiveInfinity)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => MvmProbabilities.Solve(flat, 2)).Should().Throw<ArgumentException>().WithMessage("alpha must have shape (N, K)*(3)*");
        FluentActions.Invoking(() => MvmProbabilities.SquareRoot(integers, 2)).Should().Throw<ArgumentException>().WithMessage("alpha must be floating point*");
        FluentActions.Invoking(() => MvmProbabilities.Objective(alpha, flat, 2)).Should().Throw<ArgumentException>()
            .WithMessage("probabilities must have the shape of alpha*");
        FluentActions.Invoking(() => MvmProbabilities.ProjectedGradient(alpha, 2, step: 0)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("step*");
        FluentActions.Invoking(() => MvmProbabilities.ProjectedGradient(alpha, 2, tolerance: -1)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("tolerance*");
        FluentActions.Invoking(() => MvmProbabilities.ProjectedGradient(alpha, 2, iterations: 0)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("iterations*");
    }

    private static double Count(double draws, int units) => draws < 0 ? -draws * units : draws < 1 ? draws * units : draws;

    // The spread of ln(α·h(p)) over the active units, h = c(1 − p)ᶜ⁻¹/π²: 0 at the optimum.
    private static double Spread(double[] alpha, double[] p, double draws)
    {
        var levels = new List<double>();
        for (var i = 0; i < p.Length; i++)
        {
            (p[i] > 0).Should().Be(alpha[i] > 0);
            if (p[i] <= 0 || draws == 1) continue;
            var u = -Log1p(-p[i]);
            levels.Add(Math.Log(alpha[i]) - (draws - 1) * u - 2 * Math.Log(-Expm1(-draws * u)));
        }
        return levels.Count == 0 ? 0 : levels.Max() - levels.Min();
    }

    private static double Log1p(double x) => Math.Abs(x) > 1e-4 ? Math.Log(1 + x) : x - x * x / 2 + x * x * x / 3 - x * x * x * x / 4;

    private static double Expm1(double x) => Math.Abs(x) > 1e-4 ? Math.Exp(x) - 1 : x + x * x / 2 + x * x * x / 6 + x * x * x * x / 24;

    private static Tensor Family(string name, long units, ScalarType dtype)
    {
        const int Rows = 4;
        var alpha = name switch
        {
            "constant" => full([Rows, units], 3.0, dtype: ScalarType.Float64),
            "chi-square" => Numbers.Normal([Rows, units, 16], ScalarType.Float64).square().sum(2),
            "lognormal 2" => (Numbers.Normal([Rows, units], ScalarType.Float64) * 2).exp(),
            "lognormal 6" => (Numbers.Normal([Rows, units], ScalarType.Float64) * 6).exp(),
            "sparse lognormal" => Numbers.Normal([Rows, units], ScalarType.Float64).exp() * Numbers.Uniform([Rows, units], seed: 2).gt(0.6),
            _ => (Numbers.Normal([Rows, units, 32], ScalarType.Float64) - 1).relu().square().sum(2),
        };
        return alpha.to_type(dtype);
    }
}
