namespace Defenses.Randomness;

/// <summary>The phases of a network's life in which a stochastic layer draws.</summary>
[Flags]
public enum Phases
{
    /// <summary>Never: the layer computes its deterministic form.</summary>
    None = 0,

    /// <summary>While the module is in training mode.</summary>
    Training = 1,

    /// <summary>While the module is in evaluation mode.</summary>
    Evaluation = 2,

    /// <summary>Always: the default. A defense does not switch off in <c>eval()</c>.</summary>
    Always = Training | Evaluation,
}
