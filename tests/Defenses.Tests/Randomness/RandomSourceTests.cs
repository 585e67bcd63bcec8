using Defenses.Randomness;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Randomness;

public sealed class RandomSourceTests
{
    public static TheoryData<string> Kinds => ["normal", "uniform", "bernoulli"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fresh_numbers_have_the_shape_and_dtype_of_the_tensor_and_go_on(string kind)
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(1);
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16 })
        {
            var like = zeros(3, 2, 4, 5, dtype: dtype);
            var (first, second) = (Draw(random, kind, like), Draw(random, kind, like));
            (first.dtype, second.dtype).Should().Be((dtype, dtype));
            first.shape.Should().Equal(3, 2, 4, 5);
            Numbers.Of(first).Should().NotEqual(Numbers.Of(second));
            Numbers.Of(first[0]).Should().NotEqual(Numbers.Of(first[1]), "every example has numbers of its own");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_replayed_draw_is_the_same_for_every_batch_dtype_and_layout(string kind)
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(2);
        double[]? first = null;
        foreach (var like in new[] { zeros(7, 2, 4, 5), zeros(1, 2, 4, 5), zeros([3, 2, 4, 5], dtype: ScalarType.Float64),
            Numbers.ChannelsLast(zeros(2, 2, 4, 5)), zeros(0, 2, 4, 5) })
        {
            random.Restart(5);
            random.IsReplaying.Should().BeTrue();
            var drawn = Draw(random, kind, like);
            drawn.shape.Should().Equal(1, 2, 4, 5);
            drawn.dtype.Should().Be(like.dtype);
            var numbers = Numbers.Of(drawn.to_type(ScalarType.Float32));
            first ??= numbers;
            numbers.Zip(first).Should().NotContain(pair => Math.Abs(pair.First - pair.Second) > 1e-6);
        }
        random.Restart(6);
        Numbers.Of(Draw(random, kind, zeros(1, 2, 4, 5))).Should().NotEqual(first);
    }

    [Fact]
    public void A_replayed_draw_goes_on_with_other_numbers_until_it_starts_again()
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(3);
        var like = zeros(1, 10);
        random.Restart(1);
        var (a, b) = (Numbers.Of(random.Uniform(like)), Numbers.Of(random.Uniform(like)));
        a.Should().NotEqual(b);
        random.Restart(1);
        Numbers.Of(random.Uniform(like)).Should().Equal(a);
        Numbers.Of(random.Uniform(like)).Should().Equal(b);
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers_and_no_seed_another_each_time()
    {
        using var scope = NewDisposeScope();
        var like = zeros(2, 8);
        double[] From(ulong? seed)
        {
            using var random = new RandomSource(seed);
            return Numbers.Of(random.Normal(like));
        }
        From(4).Should().Equal(From(4));
        From(4).Should().NotEqual(From(5));
        From(null).Should().NotEqual(From(null));
    }

    [Fact]
    public void Fresh_numbers_for_a_channels_last_tensor_lie_as_it_does()
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(6);
        var like = Numbers.ChannelsLast(zeros(3, 4, 5, 6));
        var drawn = random.Normal(like);
        drawn.stride().Should().Equal(like.stride());
        var numbers = Numbers.Of(drawn);
        numbers.Should().OnlyHaveUniqueItems();
        using var again = new RandomSource(6);
        Numbers.Of(again.Normal(zeros(3, 4, 5, 6))).Order().Should().Equal(numbers.Order());
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Uniform_numbers_of_little_precision_stay_below_1(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(7);
        var numbers = Numbers.Of(random.Uniform(zeros([1, 100_000], dtype: dtype)));
        numbers.Max().Should().BeInRange(0.99, 0.9999);
        numbers.Average().Should().BeApproximately(0.5, 4 / Math.Sqrt(12 * 100_000) + 1.0 / 512);
    }

    [Fact]
    public void A_scale_multiplies_the_numbers()
    {
        using var scope = NewDisposeScope();
        var like = zeros(1, 1000);
        using var one = new RandomSource(8);
        using var two = new RandomSource(8);
        Numbers.Of(one.Normal(like, std: 0.25)).Should().Equal(Numbers.Of(two.Normal(like) * 0.25));
        Numbers.Of(one.Bernoulli(0.5, like, value: 4)).Should().Equal(Numbers.Of(two.Bernoulli(0.5, like) * 4));
    }

    [Fact]
    public void Each_element_is_1_with_its_own_probability()
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(9);
        double[] probabilities = [0, 0.01, 0.3, 0.9, 1];
        var found = Numbers.Of(random.Bernoulli(tensor(probabilities).expand(20_000, 5)).mean([0L]));
        foreach (var (mean, p) in found.Zip(probabilities)) mean.Should().BeApproximately(p, 4 * Math.Sqrt(p * (1 - p) / 20_000));
    }

    [Fact]
    public void Classes_are_drawn_with_their_probabilities_and_impossible_ones_never()
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(10);
        var probabilities = tensor(new[,] { { 0, 0.1f, 0, 0.6f, 0.3f, 0 }, { 1, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0, 1 } });
        const int Draws = 100_000;
        var drawn = random.Categorical(probabilities, Draws);
        drawn.shape.Should().Equal(3, Draws);
        drawn.dtype.Should().Be(ScalarType.Int64);
        for (var row = 0; row < 3; row++)
        {
            var counts = new double[6];
            foreach (var one in Numbers.Of(drawn[row])) counts[(int)one]++;
            foreach (var (count, p) in counts.Zip(Numbers.Of(probabilities[row])))
                (count / Draws).Should().BeApproximately(p, 4 * Math.Sqrt(p * (1 - p) / Draws));
        }
    }

    [Fact]
    public void Rows_of_classes_share_a_replayed_draw()
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(11);
        var probabilities = tensor(new[] { 0.2, 0.5, 0.3 }).expand(4, 3);
        random.Restart(1);
        var drawn = random.Categorical(probabilities, 50);
        for (var row = 1; row < 4; row++) Numbers.Of(drawn[row]).Should().Equal(Numbers.Of(drawn[0]));
        random.Restart(1);
        Numbers.Of(random.Categorical(probabilities.narrow(0, 0, 1), 50)).Should().Equal(Numbers.Of(drawn[0]));
    }

    [Fact]
    public void Integers_are_uniform_below_the_count()
    {
        using var random = new RandomSource(12);
        var counts = new int[7];
        foreach (var index in random.Indices(7, 70_000)) counts[index]++;
        counts.Should().OnlyContain(count => Math.Abs(count - 10_000) < 4 * Math.Sqrt(70_000 * 6 / 49.0));
        random.Index(1).Should().Be(0);
        random.Restart(1);
        random.Indices(1000, 5).Distinct().Should().ContainSingle();
    }

    [Fact]
    public void One_number_for_the_batch_is_uniform_too()
    {
        using var random = new RandomSource(13);
        var numbers = Enumerable.Range(0, 10_000).Select(_ => random.Uniform()).ToArray();
        numbers.Should().OnlyContain(u => u >= 0 && u < 1).And.OnlyHaveUniqueItems();
        numbers.Average().Should().BeApproximately(0.5, 4 / Math.Sqrt(12 * 10_000));
    }

    [Fact]
    public void A_closed_source_refuses_every_draw()
    {
        using var like = zeros(1, 2);
        var random = new RandomSource(14);
        random.Dispose();
        foreach (var draw in new Action[]
                 {
                     () => random.Normal(like), () => random.Uniform(like), () => random.Uniform(), () => random.Bernoulli(0.5, like),
                     () => random.Bernoulli(like), () => random.Categorical(like, 1), () => random.Index(3), () => random.Indices(3, 2), () =>
                         random.Restart(1),
                 })
            draw.Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        using var random = new RandomSource(15);
        using var like = zeros(1, 2);
        using var integers = zeros([1, 2], dtype: ScalarType.Int64);
        using var flat = ones(3);
        random.Invoking(it => it.Normal(null!)).Should().Throw<ArgumentNullException>();
        random.Invoking(it => it.Normal(like, -1)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("std must be*");
        random.Invoking(it => it.Uniform(integers)).Should().Throw<ArgumentException>().WithMessage("*floating point*");
        random.Invoking(it => it.Bernoulli(1.5, like)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("probability must lie in [0, 1]*1.5*");
        random.Invoking(it => it.Categorical(flat, 1)).Should().Throw<ArgumentException>().WithMessage("*(N, K)*(3)*");
        random.Invoking(it => it.Categorical(like, 0)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("draws must be at least 1*");
        random.Invoking(it => it.Index(0)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("count must be at least 1*");
    }

    [Fact]
    public void Nothing_stays_behind()
    {
        using var random = new RandomSource(16);
        using var like = Numbers.ChannelsLast(ones(2, 3, 4, 5));
        using var half = ones([2, 3], dtype: ScalarType.BFloat16);
        using var probabilities = full([2, 3], 1 / 3.0);
        Numbers.LeaveNothing(() =>
        {
            foreach (var replaying in new[] { false, true })
            {
                if (replaying) random.Restart(1);
                random.Normal(like).Dispose();
                random.Uniform(half).Dispose();
                random.Bernoulli(0.5, like).Dispose();
                random.Bernoulli(probabilities).Dispose();
                random.Categorical(probabilities, 4).Dispose();
            }
        });
    }

    private static Tensor Draw(RandomSource random, string kind, Tensor like) => kind switch
    {
        "normal" => random.Normal(like),
        "uniform" => random.Uniform(like),
        _ => random.Bernoulli(0.4, like),
    };
}
