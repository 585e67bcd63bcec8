using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>One run of a checkup on a model: the checks in their order, and why some of them are left out.</summary>
internal sealed class CheckupRun(ModelCheckup checkup, IProgress<CheckProgress>? progress, CancellationToken cancellation)
{
    private readonly List<CheckResult> _results = [];
    private readonly List<Finding> _findings = [];

    // isMeasured: whether to measure how often the model is right under the attack in question.
    internal ModelDiagnosis Examine(Classifier model, Examples examples, bool isMeasured)
    {
        Require.NotNull(model, nameof(model)).RequireEvaluation();
        var count = Math.Min(checkup.Images, Require.NotNull(examples, nameof(examples)).Count);
        using var scope = NewDisposeScope();
        var (images, labels) = examples.Read(0, count);
        Require.Images(images, model.Bounds.Lower, model.Bounds.Upper, nameof(examples));
        var all = new CheckSubject(checkup, model, images, labels, [.. Enumerable.Range(0, (int)count)], checkup.Seed ?? Seeds.Unpredictable(), cancellation);
        foreach (var gate in checkup.Checks.Where(check => check.IsGate)) Probe(gate, all, Closed());
        var clean = Closed() is null ? all.Judge(model, images, labels) : null;
        var subject = clean is null ? null : Recognised(all, clean);
        var reason = Closed() ?? (subject is null ? "the model recognises none of the images" : null);
        foreach (var check in checkup.Checks.Where(check => !check.IsGate)) Probe(check, subject, reason);
        LeftOut();
        var attacked = isMeasured && clean is not null ? Attacked(clean, subject) : null;
        progress?.Report(new CheckProgress("done", checkup.Checks.Count, checkup.Checks.Count));
        return new ModelDiagnosis { Checks = _results, Findings = _findings, Accuracy = clean?.Accuracy, AttackedAccuracy = attacked };
    }

    // Why nothing more can be learnt from the model's answers; null where it can.
    private string? Closed() => _results.Find(result => result.Severity == Severity.Invalid && IsGate(result)) is { } found
        ? $"“{found.Check}” was found before" : null;

    private bool IsGate(CheckResult result) => checkup.Checks.Any(check => check.IsGate && check.Title == result.Check);

    private void Probe(ModelCheck check, CheckSubject? subject, string? reason)
    {
        using var inner = NewDisposeScope();
        if (reason is null) progress?.Report(new CheckProgress(check.Title, checkup.Checks.ToList().IndexOf(check), checkup.Checks.Count));
        if ((reason ?? check.WhyNot(subject!)) is { } why)
        {
            _results.Add(CheckResult.NotRun(check, why));
            return;
        }
        var found = check.Probe(subject!);
        _results.Add(CheckResult.Of(check, found));
        _findings.AddRange(found);
    }

    private void LeftOut() => _results.AddRange(ModelCheck.All.Where(check => checkup.Checks.All(made => made.GetType() != check.GetType()))
        .Select(check => CheckResult.NotRun(check, check.IsCheap ? "the checkup leaves it out" : "it attacks, and the checkup leaves it out")));

    // Those of the images that the model recognises by majority; null for none.
    private CheckSubject? Recognised(CheckSubject all, Judgement clean)
    {
        int[] rows = [.. Enumerable.Range(0, all.Count).Where(row => 2 * clean.Met[row] <= clean.Draws)];
        if (rows.Length == 0) return null;
        var index = tensor(Array.ConvertAll(rows, row => (long)row), device: all.Images.device);
        return new CheckSubject(checkup, all.Model, all.Images.index_select(0, index), all.Labels.index_select(0, index), rows, all.Seed, all.Cancellation);
    }

    // Images that are not recognised need no attack: they count as they are.
    private static DrawRates Attacked(Judgement clean, CheckSubject? subject)
    {
        int[] correct = [.. clean.Correct];
        if (subject is not null)
            foreach (var (number, right) in subject.Numbers.Zip(subject.UnderAttack.Correct)) correct[number] = right;
        return new Tally(clean.Draws).Add(correct).Accuracy(clean.Confidence)!;
    }
}
