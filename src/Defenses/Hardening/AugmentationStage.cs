namespace Defenses.Hardening;

/// <summary>The parts of an augmented training, in their order.</summary>
public enum AugmentationStage
{
    /// <summary>The training whose network is attacked.</summary>
    First,

    /// <summary>The attack.</summary>
    Attack,

    /// <summary>The training with the examples found.</summary>
    Second,
}
