namespace Defenses.Evaluation.Checks;

/// <summary>What an attack knows of the model it attacks.</summary>
internal enum AttackKind
{
    /// <summary>An attack of one's own, or an ensemble of several kinds: not compared with others.</summary>
    Unknown,

    /// <summary>Follows gradients for many steps.</summary>
    Gradient,

    /// <summary>Takes one step along the gradient.</summary>
    SingleStep,

    /// <summary>Asks for answers only, or attacks another model.</summary>
    BlackBox,

    /// <summary>Asks for nothing.</summary>
    Noise,
}
