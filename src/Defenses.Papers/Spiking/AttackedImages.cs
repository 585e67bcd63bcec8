using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Adversarial images as a camera would keep them, in 8 bits, with their distances.</summary>
/// <param name="Pixels">All of them, image by image.</param>
/// <param name="Distance">‖x′ − x‖₂ of each, pixels in [0, 1].</param>
/// <param name="Met">Whether the attacker saw his goal met before rounding.</param>
internal sealed record AttackedImages(byte[] Pixels, double[] Distance, bool[] Met)
{
    /// <summary>Attacks the images and rounds what comes out.</summary>
    internal static AttackedImages Make(Attack attack, ModelView model, Tensor x, Goal goal, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var result = attack.Run(model, x, goal, cancellation: cancellation);
        var levels = (result.Adversarial * 255).round();
        var distance = Norm.L2.Size(levels / 255 - x).to_type(ScalarType.Float64);
        return new AttackedImages(levels.to_type(ScalarType.Byte).contiguous().bytes.ToArray(), distance.data<double>().ToArray(), result.Met.data<bool>()
            .ToArray());
    }

    /// <summary>Several sets, one behind the other.</summary>
    internal static AttackedImages Join(IReadOnlyList<AttackedImages> parts) =>
        new([.. parts.SelectMany(part => part.Pixels)], [.. parts.SelectMany(part => part.Distance)], [.. parts.SelectMany(part => part.Met)]);

    /// <summary>The images, shaped like those they were made from.</summary>
    internal Tensor Images(Tensor like)
    {
        using var scope = NewDisposeScope();
        return tensor(Pixels).to_type(like.dtype).div(255).view(like.shape).MoveToOuterDisposeScope();
    }

    /// <summary>Fresh decisions of a model on them: how many reach the target, and how many still the label.</summary>
    internal JudgeCounts Judge(Classifier model, Tensor x, Tensor labels, Tensor targets, int draws, ulong seed, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var judgement = new Judge(model.IsRandom ? draws : 1) { Seed = seed }.Measure(model, Images(x), labels, Goal.Reach(targets),
            cancellation: cancellation);
        return new JudgeCounts([.. judgement.Met], [.. judgement.Correct], judgement.Draws);
    }
}
