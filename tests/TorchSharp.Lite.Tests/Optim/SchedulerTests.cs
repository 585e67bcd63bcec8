using TorchSharp.Lite.Tests.NN;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Lite.Tests.Optim;

public sealed class SchedulerTests
{
    private static double[] Rates(Func<Optimizer, lr_scheduler.LRScheduler> make, int steps)
    {
        using var parameter = nn.Parameter(Expect.Floats(1));
        using var optimizer = SGD([parameter], 0.8);
        var scheduler = make(optimizer);
        var rates = new List<double> { optimizer.ParamGroups.Single().LearningRate };
        for (var i = 0; i < steps; i++)
        {
            scheduler.step();
            rates.Add(optimizer.ParamGroups.Single().LearningRate);
            scheduler.get_last_lr().Should().Equal(rates[^1]);
        }
        return [.. rates];
    }

    private static void ShouldBe(double[] rates, params double[] expected) =>
        rates.Should().Equal(expected, (a, b) => Math.Abs(a - b) < 1e-12);

    [Fact]
    public void Steps_multiply_every_few_epochs() =>
        ShouldBe(Rates(o => lr_scheduler.StepLR(o, 2, 0.5), 5), 0.8, 0.8, 0.4, 0.4, 0.2, 0.2);

    [Fact]
    public void Milestones_multiply_when_they_are_reached() =>
        ShouldBe(Rates(o => lr_scheduler.MultiStepLR(o, [1, 3], 0.5), 4), 0.8, 0.4, 0.4, 0.2, 0.2);

    [Fact]
    public void Exponential_decay_multiplies_each_epoch() =>
        ShouldBe(Rates(o => lr_scheduler.ExponentialLR(o, 0.5), 3), 0.8, 0.4, 0.2, 0.1);

    [Fact]
    public void A_function_of_the_epoch_multiplies_the_first_rate() =>
        ShouldBe(Rates(o => lr_scheduler.LambdaLR(o, epoch => 1.0 / (epoch + 1)), 3), 0.8, 0.4, 0.8 / 3, 0.2);

    [Fact]
    public void Cosine_annealing_follows_its_wave_through_the_minimum_and_back() =>
        ShouldBe(Rates(o => lr_scheduler.CosineAnnealingLR(o, 4, 0.1), 8),
            [.. Enumerable.Range(0, 9).Select(epoch => 0.1 + 0.7 * (1 + Math.Cos(Math.PI * epoch / 4)) / 2)]);

    [Fact]
    public void A_given_epoch_sets_the_rate_of_that_epoch()
    {
        using var parameter = nn.Parameter(Expect.Floats(1));
        using var optimizer = SGD([parameter], 0.8);
        lr_scheduler.StepLR(optimizer, 2, 0.5).step(5);
        optimizer.ParamGroups.Single().LearningRate.Should().BeApproximately(0.2, 1e-12);
    }
}
