using System.Globalization;
using Defenses.Evaluation;
using Defenses.Switching;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Makes the network of a record again: the architecture with its layers, without training. The weights are those of the record.</summary>
internal sealed class RecordedBuilder(EvaluationRecord record, Tensor images)
    : NetworkBuilder(record.Model.Recipe.GetValueOrDefault(RecordRecipe.Color) == "yes", 1)
{
    internal override int Channels =>
        int.TryParse(record.Model.Recipe.GetValueOrDefault(RecordRecipe.Channels), NumberStyles.None, CultureInfo.InvariantCulture, out var channels)
            && channels is >= 1 and <= 100 ? channels
            : throw new InvalidDataException("The record does not say how many channels its switching network has. Make the record again.");

    // Records of before have the paper's network and do not say so.
    internal override ColorNetwork Color
    {
        get
        {
            var (width, dropout) = (record.Model.Recipe.GetValueOrDefault(RecordRecipe.Width), record.Model.Recipe.GetValueOrDefault(RecordRecipe.Dropout));
            if (width is null && dropout is null) return new ColorNetwork(64, 0.7);
            return int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out var filters) && filters is >= 1 and <= 1_000
                && double.TryParse(dropout, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate is >= 0 and < 1
                ? new ColorNetwork(filters, rate)
                : throw new InvalidDataException($"The record says that its network has {width} filters and dropout {dropout}. Make the record again.");
        }
    }

    internal override nn.Module<Tensor, Tensor> Tuned(string name, nn.Module<Tensor, Tensor> network) => network;

    internal override nn.Module<Tensor, Tensor> Fitted(string name, Func<TrainingObjective> objective) => Fresh();

    internal override nn.Module<Tensor, Tensor> Hardened(string name, Func<TrainingObjective> objective) => Fresh();

    internal override SwitchingNetwork Switching(int channels) =>
        Ready(Keep(ModelFile.Switching(Blocks(2), [channels, channels], 1, SwitchPer.Batch)));

    protected override Tensor Probe() => images.narrow(0, 0, Math.Min(2, images.shape[0]));

    protected override void FitBase(nn.Module<Tensor, Tensor> network)
    {
        // The weights of the record are read into the finished network.
    }
}
