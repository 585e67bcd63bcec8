using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>A run counts its own passes, whatever else goes on around it and within it.</summary>
public sealed class QueryLedgerTests
{
    [Fact]
    public void Two_attacks_on_one_model_from_two_threads_count_their_own_passes()
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        var attack = new Pgd(0.1) { Steps = 300, Restarts = 1, Seed = 1 };
        using var ready = new Barrier(2);
        var found = new (Queries All, Queries[] Each)[2];
        var threads = Enumerable.Range(0, 2).Select(number => new Thread(() => found[number] = Attack(number))).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        for (var number = 0; number < 2; number++)
        {
            var rows = 8 + 4 * number;
            found[number].All.Should().Be(new Queries(1 + 301 * rows, 300 * rows));
            found[number].Each.Skip(1).Should().HaveCount(rows - 1).And.OnlyContain(one => one == new Queries(301, 300));
        }
        model.Queries.Should().Be(found[0].All + found[1].All, "the model counts the passes of both");

        (Queries, Queries[]) Attack(int number)
        {
            var (x, labels) = network.Data(8 + 4 * number);
            using var images = x;
            using var classes = labels;
            ready.SignalAndWait();
            using var result = attack.Run(model, x, labels);
            return (result.Queries, [.. result.QueriesPerExample]);
        }
    }

    [Fact]
    public void An_attack_within_an_attack_counts_in_both()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(6);
        using var images = x;
        using var classes = labels;
        var nested = new Nested(new Bim(0.1) { Steps = 4 }, 3);
        using var result = nested.Run(network.Classifier(), x, labels);
        result.QueriesPerExample.Aggregate((sum, one) => sum + one).Should().Be(result.Queries);
        result.QueriesPerExample.Should().OnlyContain(one => one.Backward == 12);
        nested.Inner.Should().HaveCount(3).And.OnlyContain(inner => inner.All(one => one.Backward == 4));
    }

    [Fact]
    public void A_limit_for_each_example_of_the_outer_run_holds_through_attacks_within_it()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(6);
        using var images = x;
        using var classes = labels;
        var metered = new Metered(network.Classifier()) { MaxBackwardPerExample = 10 };
        var run = () => new Nested(new Bim(0.1) { Steps = 4 }, 3).Run(metered, x, labels);
        run.Should().Throw<BudgetSpentException>().Which.Spent.Backward.Should().Be(60);
        using var within = new Nested(new Bim(0.1) { Steps = 4 }, 2).Run(metered, x, labels);
        within.QueriesPerExample.Should().OnlyContain(one => one.Backward == 8);
    }

    [Fact]
    public void A_meter_that_two_threads_share_holds_each_run_to_the_limit()
    {
        using var network = new LinearModel();
        var metered = new Metered(network.Classifier()) { MaxBackwardPerExample = 50 };
        var attack = new Pgd(0.1) { Steps = 50, Restarts = 1, Seed = 1 };
        using var ready = new Barrier(2);
        var most = new long[2];
        var threads = Enumerable.Range(0, 2).Select(number => new Thread(() => most[number] = Attack())).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        most.Should().Equal(50, 50);

        long Attack()
        {
            var (x, labels) = network.Data(8);
            using var images = x;
            using var classes = labels;
            ready.SignalAndWait();
            using var result = attack.Run(metered, x, labels);
            return result.QueriesPerExample.Max(one => one.Backward);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_looks_at_some_examples_and_does_not_say_so_gets_no_wrong_numbers(bool says)
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(6);
        using var images = x;
        using var classes = labels;
        using var result = new Half(says).Run(network.Classifier(), x, labels);
        result.Queries.Should().Be(new Queries(1 + 3 + 3 + 6, 0));
        if (says) result.QueriesPerExample.Select(one => one.Forward).Should().Equal(4, 3, 3, 1, 1, 1);
        else result.QueriesPerExample.Should().BeEmpty();
        var limited = () => new Half(says).Run(new Metered(network.Classifier()) { MaxForwardPerExample = 50 }, x, labels);
        if (says) limited.Should().NotThrow();
        else limited.Should().Throw<InvalidOperationException>().WithMessage("*AttackRun.Only*");
    }

    [Fact]
    public void Several_views_of_one_classifier_count_a_pass_once()
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        var (x, labels) = network.Data(6);
        using var images = x;
        using var classes = labels;
        var views = new Surrogates([new FixedDraw(model, 0), new FixedDraw(model, 1)]);
        using var result = new Bim(0.1) { Steps = 5 }.Run(views, x, labels);
        result.Queries.Should().Be(new Queries(2 * (1 + 5 * 6 + 6), 2 * 5 * 6));
        (views.Queries, model.Queries).Should().Be((result.Queries, result.Queries));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_source_counts_where_it_is_a_view_of_the_attacked_classifier(bool isOwn)
    {
        using var network = new LinearModel();
        using var other = new LinearModel();
        var model = network.Classifier();
        var (x, labels) = network.Data(6);
        using var images = x;
        using var classes = labels;
        var source = new WithoutRandomness(isOwn ? other.Classifier() : model);
        using var result = new Transfer(source, new Bim(0.1) { Steps = 5 }).Run(model, x, labels);
        result.Queries.Backward.Should().Be(isOwn ? 0 : 30);
        result.QueriesPerExample.Aggregate((sum, one) => sum + one).Should().Be(result.Queries);
    }

    /// <summary>Looks at the first half of its examples, twice, and hands the images back.</summary>
    private sealed record Half(bool Says) : Attack
    {
        public override Norm Norm { get; init; } = Norm.Linf;

        public override Knowledge Knowledge => Knowledge.Scores;

        protected internal override Tensor Perturb(AttackRun run)
        {
            using var rows = arange(run.Original.shape[0] / 2, dtype: ScalarType.Int64);
            using var half = run.Original.index_select(0, rows);
            using var only = Says ? run.Only(rows, run.Original.shape[0]) : null;
            for (var time = 0; time < 2; time++) run.Model.Logits(half).Dispose();
            return run.Original.clone();
        }
    }

    /// <summary>Runs another attack as a whole, again and again.</summary>
    private sealed record Nested(Attack Attack, int Times) : Attack
    {
        internal List<IReadOnlyList<Queries>> Inner { get; } = [];

        public override Norm Norm { get; init; } = Norm.Linf;

        public override Knowledge Knowledge => Knowledge.Gradient;

        protected internal override Tensor Perturb(AttackRun run)
        {
            for (var time = 1; time < Times; time++) Once(run).Dispose();
            return Once(run);
        }

        private Tensor Once(AttackRun run)
        {
            using var scope = NewDisposeScope();
            var result = Attack.Run(run.Model, run.Original, run.Goal);
            Inner.Add(result.QueriesPerExample);
            return result.Adversarial.MoveToOuterDisposeScope();
        }
    }
}
