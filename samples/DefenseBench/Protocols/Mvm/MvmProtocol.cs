using Defenses.Evaluation.Reporting.Pages;
using Defenses.Models;
using Defenses.Training;
using Defenses.Zoo;
using static TorchSharp.torch;

namespace DefenseBench.Protocols.Mvm;

/// <summary>Detection by sampling with minimal variance, Table 3 on MNIST: Feinman's network, attacks that do not know the detector, areas under the ROC curve.</summary>
internal sealed class MvmProtocol : IProtocol
{
    private const int ChunkSize = 50;

    /// <inheritdoc/>
    public string Name => "mvm";

    /// <inheritdoc/>
    public string Paper => "Sheikholeslami, Jain, Giannakis: Efficient randomized defense against adversarial attacks in deep convolutional neural networks";

    /// <inheritdoc/>
    public string Reproduces => "Table 3 on MNIST: the area under the ROC curve of MVM, stochastic activation pruning and dropout against FGSM, BIM-A and JSMA";

    /// <inheritdoc/>
    public IReadOnlyList<string> DataSets { get; } = ["mnist"];

    /// <inheritdoc/>
    public string Sizes(string preset) => MvmSizes.Named(preset).ToString();

    /// <inheritdoc/>
    public ProtocolReport Run(ProtocolContext context)
    {
        var size = MvmSizes.Named(context.Preset);
        using var network = Train(context, size);
        var model = new Classifier(network, Bounds.Unit);
        var accuracy = context.Step("accuracy", () => Accuracy.Measure(network, context.Data.Test));
        var chosen = context.Step("images", () => Recognised(model, context.Data.Test, size.Images));
        using var detectors = new MvmDetectors(network, size);
        var results = new MvmResults();
        for (var start = 0; start < chosen.Length; start += ChunkSize)
        {
            using var chunk = new MvmChunk(context, model, start / ChunkSize, chosen[start..Math.Min(start + ChunkSize, chosen.Length)]);
            foreach (var kind in MvmAttacks.Names) results.Add(kind, chunk.Outcome(kind));
            foreach (var row in detectors.Rows)
                foreach (var kind in MvmAttacks.Names.Prepend(MvmChunk.Clean)) results.Add(row, kind, chunk.Scores(row, kind));
        }
        return context.Report(new MvmPage(size, accuracy, detectors.Rows, results).Make());
    }

    // Feinman's settings: Adadelta with rate 1, batches of 128, no augmentation.
    private static nn.Module<Tensor, Tensor> Train(ProtocolContext context, MvmSizes size)
    {
        using var images = context.Data.Train.Take(Math.Min(size.Training, context.Data.Train.Count));
        var options = new TrainingOptions { Epochs = size.Epochs, BatchSize = 128, Update = new AdadeltaUpdate(), Seed = context.SeedOf("training") };
        return context.Train("Feinman's network", Networks.FeinmanMnist(context.SeedOf("weights")), images, options);
    }

    // The first test images that the network recognises: the paper attacks no others.
    private static long[] Recognised(Classifier model, DataSet test, int count)
    {
        var found = new List<long>();
        for (long start = 0; start < test.Count && found.Count < count; start += 250)
        {
            using var scope = NewDisposeScope();
            var size = Math.Min(250, test.Count - start);
            var right = model.Logits(test.Images(start, size)).argmax(1).eq(test.Labels.narrow(0, start, size)).data<bool>().ToArray();
            found.AddRange(Enumerable.Range(0, right.Length).Where(i => right[i]).Select(i => start + i));
        }
        return [.. found.Take(count)];
    }
}
