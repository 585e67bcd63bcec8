using System.Text.Json;
using TorchSharp.Lite.Tests.NN;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class GeneratorTests : TensorTest
{
    [Fact]
    public void A_seeded_generator_draws_what_TorchSharp_draws()
    {
        var written = Expect.Written("generator_seed_7");
        using var generator = new Generator(7);
        rand(6, generator: generator).data<float>().ToArray().Should().Equal(Floats(written, "rand_6"));
        randn(20, generator: generator).data<float>().ToArray().Should().Equal(Floats(written, "then_randn_20"));
        Numbers(randint(0, 100, [8L], generator: generator)).Should().Equal(Doubles(written, "then_randint_0_100_8"));
        Numbers(empty(8).bernoulli_(0.3, generator)).Should().Equal(Doubles(written, "then_bernoulli_0.3_8"));
        Numbers(tensor(new[] { 1f, 2f, 3f, 4f }).multinomial(5, true, generator)).Should().Equal(Doubles(written, "then_multinomial_5"));
    }

    [Fact]
    public void A_new_generator_has_seed_0()
    {
        using var unseeded = new Generator();
        using var zero = new Generator(0);
        unseeded.initial_seed().Should().Be(0);
        rand(4, generator: unseeded).Equals(rand(4, generator: zero)).Should().BeTrue();
    }

    [Fact]
    public void Generators_do_not_touch_each_other()
    {
        using var alone = new Generator(3);
        var expected = rand(8, generator: alone);
        using var one = new Generator(3);
        using var other = new Generator(4);
        var first = rand(4, generator: one);
        rand(5, generator: other);
        rand(6);
        cat([first, rand(4, generator: one)]).Equals(expected).Should().BeTrue();
    }

    [Fact]
    public void A_state_can_be_kept_and_set_back()
    {
        using var generator = new Generator(5);
        rand(3, generator: generator);
        var state = generator.get_state();
        var draw = randn(5, generator: generator);
        generator.set_state(state);
        randn(5, generator: generator).Equals(draw).Should().BeTrue();
        generator.manual_seed(9).initial_seed().Should().Be(9);
    }

    [Fact]
    public void Draws_have_their_distributions()
    {
        const int n = 20_000;
        using var generator = new Generator(11);
        ShouldBeNear(rand(n, generator: generator), 0.5, Math.Sqrt(1.0 / 12));
        ShouldBeNear(randn(n, generator: generator), 0, 1);
        ShouldBeNear(empty(n).uniform_(-2, 4, generator), 1, Math.Sqrt(3));
        ShouldBeNear(empty(n).normal_(3, 2, generator), 3, 2);
        ShouldBeNear(empty(n).exponential_(2, generator), 0.5, 0.5);
        ShouldBeNear(empty(n).bernoulli_(0.25, generator), 0.25, Math.Sqrt(0.1875));
        ShouldBeNear(full(n, 0.25).bernoulli(generator), 0.25, Math.Sqrt(0.1875));
        ShouldBeNear(tensor(new[] { 1f, 3f }).multinomial(n, true, generator), 0.75, Math.Sqrt(0.1875));
        ShouldBeNear(full(n, 4f).poisson(generator), 4, 2);
        ShouldBeNear(randint(0, 10, [n], generator: generator), 4.5, Math.Sqrt(8.25));
        ShouldBeNear(normal(1.0, 2.0, [n], generator: generator), 1, 2);
    }

    [Fact]
    public void A_permutation_holds_every_number_once()
    {
        using var generator = new Generator(1);
        var order = randperm(50, generator: generator);
        order.dtype.Should().Be(int64);
        order.data<long>().Order().Should().Equal(Enumerable.Range(0, 50).Select(i => (long)i));
        order.data<long>().Should().NotBeInAscendingOrder();
    }

    [Fact]
    public void A_disposed_generator_is_refused()
    {
        var generator = new Generator(1);
        generator.Dispose();
        generator.Dispose();
        FluentActions.Invoking(() => rand(2, generator: generator)).Should().Throw<Exception>();
    }

    // Within four standard errors.
    private static void ShouldBeNear(Tensor draws, double mean, double deviation) =>
        draws.to(float64).mean().ToDouble().Should().BeApproximately(mean, 4 * deviation / Math.Sqrt(draws.numel()));

    private static float[] Floats(JsonElement written, string name) => written.GetProperty(name).Numbers();

    private static double[] Doubles(JsonElement written, string name) =>
        [.. written.GetProperty(name).Numbers().Select(number => (double)number)];
}
