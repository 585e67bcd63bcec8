using System.Globalization;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>One frame around every image: the image lies in the middle of the model's input, and tanh(W) fills the rest.</summary>
/// <remarks>
/// In units of [−1, 1]: x′ = pad(2x − 1) + M ⊙ tanh(W), with M = 0 under the image; then scaled to the bounds. The image is in [0, 1]; a single channel is
/// repeated for each channel of the model. W starts normal; λ·mean(W²) is added to the loss. The frame is the same for all images and has few parameters: the
/// HRS paper calls it too weak for its task. Source: Elsayed, Goodfellow and Sohl-Dickstein 2019, equations 1 to 3.
/// Differs: the mask multiplies tanh, which gives the same frame.
/// </remarks>
public sealed class AdditiveProgram : InputProgram
{
    private readonly double _penalty;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;   // (1, channels, height, width)

    /// <summary>A frame with random weights.</summary>
    /// <param name="task">Channels (1, or as many as the model's), height and width of the task's images.</param>
    /// <param name="model">Channels, height and width of the model's input, at least as large.</param>
    /// <param name="bounds">The bounds of the model's input.</param>
    /// <param name="penalty">λ, 0 or above; by default 0.05.</param>
    /// <param name="seed">The seed of the first weights.</param>
    /// <exception cref="ArgumentException">The image does not fit into the model's input.</exception>
    public AdditiveProgram(IReadOnlyList<long> task, IReadOnlyList<long> model, Bounds bounds, double penalty = 0.05, ulong seed = 0)
        : base(nameof(AdditiveProgram), task, model, bounds)
    {
        _penalty = Require.NotNegative(penalty, nameof(penalty));
        if (task[1] > model[1] || task[2] > model[2] || (task[0] != 1 && task[0] != model[0]))
            throw new ArgumentException(
                $"model must be at least as large as the task's images, ({string.Join(", ", task)}), with the same number of channels, or any number " +
                $"if the images have one; " +
                $"it is ({string.Join(", ", model)}).", nameof(model));
        using var random = new RandomSource(seed);
        using var like = empty([1, .. model]);
        _weight = new Parameter(random.Normal(like));
        RegisterComponents();
        foreach (var parameter in parameters()) parameter.DetachFromDisposeScope();   // they live as long as the module
    }

    /// <inheritdoc/>
    public override string Describe() => string.Create(CultureInfo.InvariantCulture, $"{nameof(AdditiveProgram)} penalty {_penalty}");

    /// <inheritdoc/>
    protected override Tensor Translate(Tensor x)
    {
        var border = Around(ModelShape[1] - TaskShape[1], ModelShape[2] - TaskShape[2]);
        var outside = nn.functional.pad(zeros_like(x.narrow(0, 0, 1)), border, PaddingModes.Constant, 1);
        return (nn.functional.pad(x * 2 - 1, border) + _weight.tanh() * outside + 1) / 2;
    }

    /// <inheritdoc/>
    protected internal override Tensor? Penalty() => _penalty == 0 ? null : _weight.square().mean() * _penalty;
}
