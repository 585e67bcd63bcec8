namespace Defenses.Switching;

/// <summary>For what a switching block draws a channel.</summary>
public enum SwitchPer
{
    /// <summary>One channel for the whole batch, as in the paper's code.</summary>
    Batch,

    /// <summary>A channel for each example of the batch, independently.</summary>
    Sample,
}
