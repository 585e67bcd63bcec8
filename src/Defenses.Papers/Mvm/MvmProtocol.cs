using Defenses.Models;
using Defenses.Training;
using Defenses.Zoo;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Detection by sampling with minimal variance, Table 3: Feinman's network, attacks that do not know the detector, areas under the ROC
/// curve; then one that does.</summary>
internal sealed class MvmProtocol : IProtocol
{
    private const int ChunkSize = 50;

    /// <inheritdoc/>
    public string Name => "mvm";

    /// <inheritdoc/>
    public string Paper => "Sheikholeslami, Jain, Giannakis: Efficient randomized defense against adversarial attacks in deep convolutional neural networks";

    /// <inheritdoc/>
    public string Reproduces => "Table 3 on MNIST and CIFAR-10: the area under the ROC curve of MVM, stochastic activation pruning and dropout against "
        + "FGSM, BIM-A and JSMA; detectors of other papers; an attack that knows the detector";

    /// <inheritdoc/>
    public IReadOnlyList<string> DataSets { get; } = ["mnist", "fashion-mnist", "cifar10"];

    /// <inheritdoc/>
    public string Sizes(string preset, string dataSet, int? images) => MvmSizes.Of(preset, dataSet == "cifar10", images).Describe();

    /// <inheritdoc/>
    public ProtocolReport Run(ProtocolContext context)
    {
        var (size, task) = (MvmSizes.Of(context.Preset, context.Data.IsColor, context.Images), MvmTask.For(context.Data));
        using var network = Train(context, size, task);
        var model = new Classifier(network, Bounds.Unit);
        var accuracy = context.Step("accuracy", () => Accuracy.Measure(network, context.Data.Test));
        var chosen = context.Step("images", () => Recognised(model, context.Data.Test, size.Images.First));
        if (chosen.Length < 4) throw new UserError(
            $"{chosen.Length} images that the network recognises are too few to attack: some detectors are fitted on a half of them. Use 4 or more "
            + "--images, a larger --preset or other data.");
        using var detectors = new MvmDetectors(context, network, size, task);
        var results = new MvmResults();
        for (var start = 0; start < chosen.Length; start += ChunkSize)
        {
            using var chunk = new MvmMeasurement(context, model, task, start / ChunkSize, chosen[start..Math.Min(start + ChunkSize, chosen.Length)]);
            foreach (var kind in MvmAttacks.Names) results.Add(kind, chunk.Outcome(kind));
            foreach (var row in detectors.Rows.Take(start < size.Images.Others ? detectors.Rows.Count : 1))
                foreach (var kind in MvmAttacks.Names.Prepend(MvmMeasurement.Clean)) results.Add(row, kind, chunk.Numbers(row, kind));
        }
        var threshold = results.Threshold(task.Guard, MvmAttacks.Fgsm, MvmPage.FalseAlarms);
        results.Unseen = new MvmAdaptive(context, model, detectors.Guarded, size, task).Measure(chosen.AsSpan(chosen.Length / 2), threshold);
        return context.Report(new MvmPage(size, task, context.Data, accuracy, detectors.Rows, results).Make());
    }

    // Feinman's settings: Keras' Adadelta (rate 1, ρ 0.95), batches of 128, no augmentation, a penalty on the hidden dense layers of the CIFAR-10 network.
    private static nn.Module<Tensor, Tensor> Train(ProtocolContext context, MvmSizes size, MvmTask task)
    {
        using var images = context.Data.Train.Take(Math.Min(size.Training.Images, context.Data.Train.Count));
        var (batch, update, penalised) = size.IsHastened ? (32, (UpdateRule)new SgdUpdate(), Array.Empty<string>())
            : (128, new AdadeltaUpdate { Rho = 0.95, Epsilon = 1e-7 }, task.Penalised);
        var options = new TrainingOptions { Epochs = size.Training.Epochs, BatchSize = batch, Update = update, Seed = context.SeedOf("training") };
        return context.Train("Feinman's network", task.Network(context.SeedOf("weights")), images, options, penalised.Length > 0 ? new MvmPenalty(penalised)
            : null);
    }

    // The first test images that the network recognises: the paper attacks no others.
    private static long[] Recognised(Classifier model, DataSet test, int count) =>
        [.. ImageAnswers.Right(model.Logits, test).Select((right, image) => (right, image)).Where(each => each.right).Take(count)
            .Select(each => (long)each.image)];
}
