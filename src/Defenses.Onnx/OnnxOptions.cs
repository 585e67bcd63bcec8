using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Onnx;

/// <summary>What an ONNX file does not say, and how it is run. Null means: as the file says.</summary>
public sealed record OnnxOptions
{
    /// <summary>
    /// A function that is applied to the images, in the units of the bounds, before the model: for example <see cref="Preprocessing.Normalize"/>. None
    /// by default. It may change the shape: x => x.permute(0, 2, 3, 1) for a channels-last model.
    /// </summary>
    public Func<Tensor, Tensor>? Preprocessing { get; init; }

    /// <summary>The name of the output with the scores; by default the only output that can hold them.</summary>
    public string? Output { get; init; }

    /// <summary>
    /// What the scores are; by default probabilities where the graph ends in Softmax, or in Sigmoid with one output, and logits elsewhere.
    /// </summary>
    public ScoreKind? Kind { get; init; }

    /// <summary>The number of classes, at least 2; by default that of the output's shape, which a probe finds where the file leaves it open.</summary>
    public long? Classes { get; init => field = value is not < 2 ? value : throw Least(nameof(Classes), value, 2); }

    /// <summary>
    /// Whether equal images may be answered differently; by default whether the main graph has an operator that draws (RandomNormal, RandomUniform,
    /// their Like forms, Bernoulli, Multinomial). A random model runs on one image at a time, so that the draws of different images are independent.
    /// </summary>
    public bool? IsRandom { get; init; }

    /// <summary>
    /// The most images that the model gets at once, at least 1; by default as many as are asked about. A fixed batch size in the file goes first.
    /// </summary>
    public int? LargestBatch { get; init => field = value is not < 1 ? value : throw Least(nameof(LargestBatch), value, 1); }

    /// <summary>The number of threads within an operator, at least 1; by default ONNX Runtime's choice, one for each core.</summary>
    public int? Threads { get; init => field = value is not < 1 ? value : throw Least(nameof(Threads), value, 1); }

    private static ArgumentOutOfRangeException Least(string name, object? value, int least) =>
        new(name, value, $"{name} must be at least {least}; it is {value}.");
}
