namespace Defenses.Cli;

/// <summary>What to examine, and how thoroughly.</summary>
internal sealed record DoctorSettings
{
    /// <summary>Layers to put in.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>ε in the range 0 to 1; null for 64/255 on grey and 8/255 on colour images.</summary>
    public required double? Epsilon { get; init; }

    /// <summary>auto, plain, eot, straight-through or no-randomness.</summary>
    public required string View { get; init; }

    /// <summary>Steps of PGD, the attack in question.</summary>
    public required int Steps { get; init; }

    /// <summary>Draws behind a gradient where the model draws.</summary>
    public required int EotDraws { get; init; }

    /// <summary>Whether only the checks that attack nothing are made.</summary>
    public required bool Cheap { get; init; }
}
