using Defenses.Evaluation.Checks;
using Defenses.Pages;
using Defenses.Tests.Contracts;
using Defenses.Tests.Evaluation.Checks;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>A check: finds logits so large that cross-entropy is rounded to 0, and its gradient with it.</summary>
public sealed class LoudLogitsCheck : ModelCheck
{
    private const double Loud = 1e4;

    public override string Title => "Loud logits";

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        using var scope = NewDisposeScope();
        var largest = context.Model.Logits(context.Images).abs().max().ToDouble();
        if (largest < Loud) yield break;
        yield return Finding(
            Severity.Warning, $"Logits reach {largest:0}, where the gradient of cross-entropy is rounded to 0.",
            "Attack the margin, or divide the logits by a constant.");
    }
}

public sealed class LoudLogitsCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject { get; } = new LoudLogitsCheck();

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Before(new Louder());

    private sealed class Louder() : nn.Module<Tensor, Tensor>(nameof(Louder))
    {
        public override Tensor forward(Tensor x) => x * 1e5;
    }
}
