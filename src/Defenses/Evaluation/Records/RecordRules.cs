namespace Defenses.Evaluation;

/// <summary>The rules of a record that its text alone can break.</summary>
internal static class RecordRules
{
    /// <exception cref="InvalidDataException">A rule is broken; the message names it.</exception>
    internal static void Check(EvaluationRecord record, string path)
    {
        if (Broken(record).FirstOrDefault() is { } rule) throw new InvalidDataException($"'{path}' contradicts itself: {rule} Make the record again.");
    }

    private static IEnumerable<string> Broken(EvaluationRecord record)
    {
        var settings = record.Settings;
        if (settings.Draws < 1 || settings.Images < 1) yield return $"it has {settings.Images} images and {settings.Draws} draws.";
        if (settings.Confidence is not (> 0 and < 1)) yield return $"its confidence must lie between 0 and 1; it is {settings.Confidence}.";
        if (!(settings.Lower < settings.Upper)) yield return $"its bounds must be a range; they are {settings.Lower} and {settings.Upper}.";
        if (RecordedNorm.Find(settings.Norm) is null) yield return $"the norm '{settings.Norm}' is not known.";
        if (settings.Strengths.Count == 0 || !settings.Strengths.SequenceEqual(record.Worst.Select(worst => worst.Epsilon)))
            yield return "it must have a worst case for each budget.";
        foreach (var (what, counts) in Counts(record))
            if (counts.Correct.Count != settings.Images || counts.Correct.Any(count => count < 0 || count > settings.Draws))
                yield return $"{what} must have a count from 0 to {settings.Draws} for each of {settings.Images} images.";
        foreach (var attack in record.Attacks)
        {
            if (!settings.Strengths.Contains(attack.Epsilon)) yield return $"ε = {attack.Epsilon} of '{attack.FullName}' is none of its budgets.";
            if (!IsPlain(attack.File)) yield return $"'{attack.File}' is no file of attacked images, such as attacks/01.npy.";
        }
        foreach (var worst in record.Worst)
            if (worst.Chosen.Count != settings.Images || worst.Chosen.Any(chosen => chosen >= record.AttacksAt(worst.Epsilon).Count))
                yield return $"the worst case at ε = {worst.Epsilon} must name an attack for each image.";
        if (record.Model.Files.FirstOrDefault(file => file != Path.GetFileName(file) || file.Contains('\\') || file.StartsWith('.')) is { } outside)
            yield return $"'{outside}' is no plain name of a file.";
    }

    private static IEnumerable<(string What, RecordedCounts Counts)> Counts(EvaluationRecord record) =>
    [
        ("the clean images", record.Clean), ("the null attack", record.Null), .. record.Attacks.Select(attack => ($"'{attack.FullName}'", attack.Counts)),
        .. record.Worst.Select(worst => ("the worst case", worst.Counts)),
    ];

    private static bool IsPlain(string file) =>
        file.Split('/') is ["attacks", var name] && name.EndsWith(".npy", StringComparison.Ordinal) && !name.StartsWith('.') && !name.Contains('\\');
}

/// <summary>The norms that a record can name: those of the library, because another machine must measure by the same.</summary>
internal static class RecordedNorm
{
    private static readonly Attacks.Norm[] s_norms = [Attacks.Norm.L0, Attacks.Norm.L1, Attacks.Norm.L2, Attacks.Norm.Linf];

    /// <summary>The norm for readers: "L∞".</summary>
    internal static string Text(string name) => name == $"{Attacks.Norm.Linf}" ? "L∞" : name;

    internal static Attacks.Norm? Find(string name) => Array.Find(s_norms, norm => $"{norm}" == name);
}
