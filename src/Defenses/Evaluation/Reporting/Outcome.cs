using Defenses.Metrics;
using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>What an attack, or the worst of several for each image, achieves against a defense at one strength.</summary>
public sealed record Outcome
{
    /// <summary>How often the attack succeeds on images that the defense recognises (clean majority right); null if it recognises none.</summary>
    public DrawRates? Success { get; init; }

    /// <summary>1 − the mean-draw success rate: the share of answers to attacked images that hold.</summary>
    public Proportion? DefenseRate { get; init; }

    /// <summary>How often the label is recognised under attack, on all images.</summary>
    public required DrawRates Accuracy { get; init; }

    /// <summary>How often the attack's goal is met on all images, recognised before or not (older tables count so).</summary>
    public required DrawRates AllImages { get; init; }

    /// <summary>Gain over the first defense for the accuracy it costs; null for the first defense itself.</summary>
    public EfficiencyScore? Efficiency { get; init; }

    /// <summary>
    /// McNemar's exact two-sided p-value of "holds as many images as the first defense", by majority, on images that both recognise; null for the first.
    /// </summary>
    public double? PValue { get; init; }

    /// <summary>Adversarial images that broke the budget or the bounds, or held NaN; each was replaced by its original.</summary>
    public long OutsideBudget { get; init; }

    /// <summary>Forward passes that the attack spent on an image, on average.</summary>
    public double ForwardPasses { get; init; }

    /// <summary>Backward passes that the attack spent on an image, on average.</summary>
    public double BackwardPasses { get; init; }
}
