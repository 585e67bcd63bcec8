using Defenses.Tests.Reference;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class HrsBlocksTests
{
    // Parameters up to and including the first dense layer, and after it: Wang et al. 2019.
    [Fact]
    public void Two_blocks_are_cut_behind_the_first_dense_layer()
    {
        Counts(HrsBlocks.Mnist()).Should().Equal(269_992, 42_210);
        Counts(HrsBlocks.Cifar10()).Should().Equal(1_079_616, 68_362);
    }

    [Fact]
    public void One_and_three_blocks_have_the_same_layers()
    {
        Counts(HrsBlocks.Mnist(1)).Should().Equal(312_202);
        Counts(HrsBlocks.Mnist(3)).Should().Equal(320 + 9_248, 18_496 + 36_928 + 205_000, 42_210);
        Counts(HrsBlocks.Cifar10(3)).Sum().Should().Be(1_079_616 + 68_362);
        LastNames(HrsBlocks.Mnist(3)).Should().Equal("pool1", "dropout", "fc3");
        LastNames(HrsBlocks.Mnist(3, dropout: 0)).Should().Equal("pool1", "relu5", "fc3");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Blocks_with_the_weights_of_the_whole_network_compute_the_whole_network(int blocks)
    {
        using var scope = NewDisposeScope();
        using var whole = Networks.HrsMnist(1);
        whole.LoadWeights(SharedFiles.Copied("mnist-cnn.safetensors"));
        whole.eval();
        var images = Npy.Read(SharedFiles.Copied("vendor/images_u8.npy")).to_type(ScalarType.Float32).div(255).unsqueeze(1);
        var through = images;
        foreach (var make in HrsBlocks.Mnist(blocks))
        {
            using var channel = make(7);
            channel.eval();
            var own = channel.state_dict().Keys.ToHashSet();
            channel.LoadWeights(SharedFiles.Copied("mnist-cnn.safetensors"), key => own.Contains(key) ? key : null);
            through = channel.call(through);
        }

        through.sub(whole.call(images)).abs().max().ToDouble().Should().BeLessThan(1e-5);
    }

    [Fact]
    public void Each_seed_gives_a_different_channel()
    {
        using var scope = NewDisposeScope();
        var make = HrsBlocks.Mnist()[1];
        using var first = make(1);
        using var second = make(2);
        using var again = make(1);
        first.state_dict()["fc3.weight"].eq(again.state_dict()["fc3.weight"]).all().ToBoolean().Should().BeTrue();
        first.state_dict()["fc3.weight"].eq(second.state_dict()["fc3.weight"]).sum().ToInt64().Should().BeLessThan(10, "a few of 2,000 may be equal at random");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Another_number_of_blocks_is_refused(int blocks) =>
        FluentActions.Invoking(() => HrsBlocks.Mnist(blocks)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*1, 2 or 3 blocks*");

    private static List<long> Counts(IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> blocks) => [.. blocks.Select(make =>
    {
        using var block = make(1);
        return block.parameters().Sum(p => p.numel());
    })];

    private static List<string> LastNames(IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> blocks) => [.. blocks.Select(make =>
    {
        using var block = make(1);
        return block.Should().BeOfType<Sequential>().Subject.named_children().Last().name;
    })];
}
