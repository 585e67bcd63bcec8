namespace Defenses.Cli;

/// <summary>What <c>train</c> was asked for.</summary>
internal sealed record TrainSettings
{
    /// <summary>A method's name, or hrs: hierarchical random switching.</summary>
    public required string Method { get; init; }

    /// <summary>Numbers for the method, those that were given.</summary>
    public required IReadOnlyDictionary<string, double> Given { get; init; }

    /// <summary>The network's name, or auto.</summary>
    public required string Network { get; init; }

    /// <summary>Channels of each block, for hrs.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>Passes over the data, for every channel.</summary>
    public required int Epochs { get; init; }

    /// <summary>Training images; 0 for all.</summary>
    public required int Images { get; init; }

    /// <summary>Test images; 0 for all.</summary>
    public required int TestImages { get; init; }

    /// <summary>The learning rate.</summary>
    public required double Rate { get; init; }

    /// <summary>Images per step.</summary>
    public required int Batch { get; init; }

    /// <summary>Channels trained in one pass over the data.</summary>
    public required int Together { get; init; }

    /// <summary>safetensors or torchsharp.</summary>
    public required string Format { get; init; }
}
