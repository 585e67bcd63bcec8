using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

public sealed class WeightSnapshotsTests
{
    [Fact]
    public void Copies_keep_the_weights_of_their_moment()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        using var snapshots = new WeightSnapshots(() => new LinearModel(seed: 5));
        FluentActions.Invoking(() => snapshots.View(Bounds.Unit)).Should().Throw<InvalidOperationException>().WithMessage("*Take*");
        var (x, _) = network.Data(4);
        var first = network.call(x);
        snapshots.Take(network);
        using (no_grad()) network.Weight.mul_(2);
        var second = network.call(x);
        snapshots.Take(network.state_dict());
        using (no_grad()) network.Weight.mul_(0);
        var view = snapshots.View(Bounds.Unit);
        var answers = view.MemberLogits(x);
        Numbers.Of(answers[0]).Should().Equal(Numbers.Of(first));
        Numbers.Of(answers[1]).Should().Equal(Numbers.Of(second));
        snapshots.Networks.Should().HaveCount(2).And.OnlyContain(copy => !copy.training);
    }

    [Fact]
    public void Other_architectures_are_refused_with_the_key_that_differs()
    {
        using var snapshots = new WeightSnapshots(() => new LinearModel());
        using var wide = new LinearModel(inputs: 13);
        using var other = nn.Sequential(("fc", nn.Linear(12, 4)));
        var live = Leaks.Live();
        FluentActions.Invoking(() => snapshots.Take(wide)).Should().Throw<ArgumentException>().WithMessage("*linear.weight*shape*")
            .WithParameterName("network");
        FluentActions.Invoking(() => snapshots.Take(other)).Should().Throw<ArgumentException>().WithMessage("*only one of the two*");
        snapshots.Networks.Should().BeEmpty();
        Leaks.Live().Should().Be(live);
        FluentActions.Invoking(() => snapshots.Take((nn.Module<Tensor, Tensor>)null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => new WeightSnapshots(null!)).Should().Throw<ArgumentNullException>();
    }
}
