using Defenses.Cli;
using Defenses.Switching;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Cli;

/// <summary>Makes networks with their first weights, from another seed than records are made again with.</summary>
/// <param name="images">(N, 1, 28, 28), or (N, 3, 32, 32) for the network for colour images.</param>
internal sealed class UntrainedBuilder(Tensor images) : NetworkBuilder(isColor: images.shape[1] == 3, seed: 77)
{
    internal override int Channels => 2;

    internal override ColorNetwork Color => new(Width: 3, Dropout: 0.25);

    internal override nn.Module<Tensor, Tensor> Tuned(string name, nn.Module<Tensor, Tensor> network) => network;

    internal override nn.Module<Tensor, Tensor> Fitted(string name, Func<TrainingObjective> objective)
    {
        objective().Should().NotBeNull();
        return Fresh();
    }

    internal override nn.Module<Tensor, Tensor> Hardened(string name, Func<TrainingObjective> objective) => Fitted(name, objective);

    internal override SwitchingNetwork Switching(int channels) => Ready(Keep(ModelFile.Switching(Blocks(2), [channels, channels], 77, SwitchPer.Batch)));

    protected override Tensor Probe() => images.alias();

    protected override void FitBase(nn.Module<Tensor, Tensor> network)
    {
    }
}
