namespace Defenses.Training;

/// <summary>Where a training stands, besides its tensors.</summary>
internal sealed class TrainingPosition
{
    /// <summary>Epochs done.</summary>
    internal int Epoch { get; set; }

    /// <summary>Steps done within the epoch.</summary>
    internal long StepInEpoch { get; set; }

    /// <summary>Steps done since the beginning.</summary>
    internal long Step { get; set; }

    /// <summary>The epochs done.</summary>
    internal List<EpochResult> History { get; } = [];

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Epoch);
        writer.Write(StepInEpoch);
        writer.Write(Step);
        writer.Write(History.Count);
        foreach (var result in History)
        {
            writer.Write(result.Loss);
            writer.Write(result.Accuracy);
            writer.Write(result.ValidationAccuracy ?? double.NaN);
        }
    }

    internal void Read(BinaryReader reader)
    {
        Epoch = reader.ReadInt32();
        StepInEpoch = reader.ReadInt64();
        Step = reader.ReadInt64();
        var count = reader.ReadInt32();
        History.Clear();
        for (var i = 0; i < count; i++)
        {
            var (loss, accuracy, validation) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            History.Add(new EpochResult(i + 1, loss, accuracy, double.IsNaN(validation) ? null : validation));
        }
    }
}
