using System.Globalization;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A locally connected layer before the model: a convolution with separate weights and biases at every position; then ReLU and tanh.</summary>
/// <remarks>
/// The image is padded with zeros, by model size + kernel − 1 − task size in total along each axis, the larger half right and below. So every kernel gives
/// the model's size: from 28 to 32, kernel 3 pads 3 on each side, kernel 2 pads 2 and 3. Weights start uniform within
/// ±√(6 / (inputs + filters)) of a position, biases at 0. Source: Wang et al. 2019 (HRS), section 7; kernels 2 and 3 there.
/// </remarks>
public sealed class LocalProgram : InputProgram
{
    private readonly int _kernel;
    private readonly bool _rectified;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;   // (positions, inputs, filters)

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;     // (positions, 1, filters)

    /// <summary>A layer with random weights.</summary>
    /// <param name="task">Channels, height and width of the task's images.</param>
    /// <param name="model">Channels (the filters), height and width of the model's input.</param>
    /// <param name="bounds">The bounds of the model's input.</param>
    /// <param name="kernel">Height and width of the kernel, 1 to 4; by default 3.</param>
    /// <param name="rectified">Whether a ReLU stands before the tanh, as in the paper (default), so that only tanh's upper half is used; else
    /// the whole of tanh fills the bounds.</param>
    /// <param name="seed">The seed of the first weights.</param>
    /// <exception cref="ArgumentException">The model's input is too small for the task's images.</exception>
    public LocalProgram(IReadOnlyList<long> task, IReadOnlyList<long> model, Bounds bounds, int kernel = 3, bool rectified = true, ulong seed = 0)
        : base(nameof(LocalProgram), task, model, bounds)
    {
        (_kernel, _rectified) = (Require.Within(kernel, 1, 4, nameof(kernel)), rectified);
        if (Missing(1) < 0 || Missing(2) < 0)
            throw new ArgumentException(
                $"model must be at least as large as the task's images without a border of the kernel: {task[1] - kernel + 1}×{task[2] - kernel + 1}; " +
                $"it is {model[1]}×{model[2]}.", nameof(model));
        var (positions, inputs, filters) = (model[1] * model[2], task[0] * kernel * kernel, model[0]);
        var bound = Math.Sqrt(6.0 / (inputs + filters));
        using var random = new RandomSource(seed);
        using var like = empty(positions, inputs, filters);
        _weight = new Parameter(random.Uniform(like).mul_(2 * bound).sub_(bound));
        _bias = new Parameter(zeros(positions, 1, filters));
        RegisterComponents();
        foreach (var parameter in parameters()) parameter.DetachFromDisposeScope();   // they live as long as the module
    }

    /// <inheritdoc/>
    public override string Describe() =>
        string.Create(CultureInfo.InvariantCulture, $"{nameof(LocalProgram)} kernel {_kernel}, {(_rectified ? "rectified" : "whole range")}");

    /// <inheritdoc/>
    protected override Tensor Translate(Tensor x)
    {
        var padded = nn.functional.pad(x, Around(Missing(1), Missing(2)));
        var patches = nn.functional.unfold(padded, (_kernel, _kernel)).permute(2, 0, 1);                                       // (positions, N, inputs)
        var mixed = (patches.bmm(_weight) + _bias).permute(1, 2, 0).reshape([x.shape[0], .. ModelShape]);   // (N, filters, height, width)
        return _rectified ? mixed.relu().tanh() : (mixed.tanh() + 1) / 2;
    }

    private long Missing(int axis) => ModelShape[axis] + _kernel - 1 - TaskShape[axis];
}
