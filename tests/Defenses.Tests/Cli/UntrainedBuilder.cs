using Defenses.Cli;
using Defenses.Switching;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Cli;

/// <summary>Makes networks with their first weights, from another seed than records are made again with.</summary>
internal sealed class UntrainedBuilder(Tensor images) : NetworkBuilder(isColor: false, seed: 77)
{
    internal override int Channels => 2;

    internal override nn.Module<Tensor, Tensor> Tuned(string name, nn.Module<Tensor, Tensor> network) => network;

    internal override nn.Module<Tensor, Tensor> Fitted(string name, Func<TrainingObjective> objective, bool isWarm = false)
    {
        objective().Should().NotBeNull();
        return Fresh();
    }

    internal override SwitchingNetwork Switching(int channels) => Ready(Keep(ModelFile.Switching(false, [channels, channels], 77, SwitchPer.Batch)));

    protected override Tensor Probe() => images.alias();

    protected override void FitBase(nn.Module<Tensor, Tensor> network)
    {
    }
}
