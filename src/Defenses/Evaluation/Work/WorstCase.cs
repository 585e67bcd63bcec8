using static TorchSharp.torch;

namespace Defenses.Evaluation.Work;

/// <summary>The worst of several attacks for each image.</summary>
internal static class WorstCase
{
    /// <summary>
    /// For each image the number of the cell that met its goal in most draws; in a tie, the cell in which the label was recognized least; then the first.
    /// </summary>
    internal static int[] Choose(IReadOnlyDictionary<int, CellRecord> cells)
    {
        var order = cells.Keys.Order().ToArray();
        return [.. Enumerable.Range(0, cells[order[0]].Met.Length).Select(image =>
            order.OrderByDescending(cell => cells[cell].Met[image]).ThenBy(cell => cells[cell].Correct[image]).ThenBy(cell => cell).First())];
    }

    /// <summary>
    /// Judges the chosen images on fresh draws. The draws of the choice would overestimate the attacker, because the largest of several counts is partly
    /// random. Without a random choice (one cell, or a deterministic model) the counts are used directly.
    /// </summary>
    internal static (int[] Correct, int[] Met) Judge(
        EvaluationPlan plan, CellRunner runner, int defense, int strength, long block, int[] chosen, IReadOnlyDictionary<int, CellRecord> cells, Tensor images,
            Tensor labels,
        CancellationToken cancellation)
    {
        var model = plan.ModelOf(defense, block);
        if (!model.IsRandom || cells.Count == 1)
            return ([.. chosen.Select((cell, image) => cells[cell].Correct[image])], [.. chosen.Select((cell, image) => cells[cell].Met[image])]);
        int[] correct = [], met = new int[chosen.Length];
        var judge = runner.Judge("worst", defense, strength);
        foreach (var goal in chosen.Distinct().GroupBy(cell => plan.Evaluation.Attacks[cell].Goal))
        {
            using var scope = NewDisposeScope();
            var judgement = judge.Measure(model, images, labels, plan.Evaluation.Attacks[goal.First()].GoalOf(labels), plan.Block(block).First, cancellation);
            correct = [.. judgement.Correct];   // the same draws for every goal
            for (var image = 0; image < chosen.Length; image++)
                if (goal.Contains(chosen[image])) met[image] = judgement.Met[image];
        }
        return (correct, met);
    }

    /// <summary>The chosen adversarial images, (N, …).</summary>
    internal static Tensor Images(int[] chosen, IReadOnlyDictionary<int, CellRecord> cells, Tensor x)
    {
        using var scope = NewDisposeScope();
        var images = x.clone();
        foreach (var cell in chosen.Distinct())
        {
            var rows = tensor(Enumerable.Range(0, chosen.Length).Where(image => chosen[image] == cell).Select(image => (long)image).ToArray(),
                device: x.device);
            images.index_copy_(0, rows, CellRunner.Adversarial(cells[cell], x).index_select(0, rows));
        }
        return images.MoveToOuterDisposeScope();
    }
}
