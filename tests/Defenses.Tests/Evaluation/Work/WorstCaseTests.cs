using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Work;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Work;

public sealed class WorstCaseTests
{
    private const int Draws = 5;

    // By draws that met the goal; then by draws that still recognised the label; then by order.
    [Fact]
    public void The_attack_that_met_its_goal_most_often_is_the_worst_then_the_one_that_left_least_recognised_then_the_first()
    {
        var cells = new Dictionary<int, CellRecord>
        {
            [7] = Piece(correct: [0, 3, 2, 2], met: [2, 2, 2, 2]),
            [2] = Piece(correct: [0, 2, 2, 2], met: [1, 2, 2, 3]),
            [5] = Piece(correct: [5, 1, 2, 0], met: [3, 2, 2, 2]),
        };
        WorstCase.Choose(cells).Should().Equal(5, 5, 2, 2);
    }

    [Fact]
    public void The_images_are_those_of_the_chosen_attacks_row_by_row()
    {
        using var scope = NewDisposeScope();
        var x = zeros(4, 1, 2);
        CellRecord Images(float from) => Piece([0, 0, 0, 0], [0, 0, 0, 0]) with { Adversarial = (x + arange(4).view(4, 1, 1) + from).bytes.ToArray() };
        var images = WorstCase.Images([3, 1, 3, 1], new Dictionary<int, CellRecord> { [1] = Images(10), [3] = Images(20), [4] = Images(30) }, x);
        images.shape.Should().Equal(4, 1, 2);
        Numbers.Of(images).Should().Equal(20, 20, 11, 11, 22, 22, 13, 13);
        Numbers.Of(x).Should().OnlyContain(value => value == 0);
    }

    // Without a random choice the model is not run again.
    [Theory]
    [InlineData(0, 2)]      // deterministic
    [InlineData(1e-6, 1)]   // one attack
    public void Without_luck_the_counts_stand(double jitter, int count)
    {
        using var scope = NewDisposeScope();
        using var network = Network(jitter);
        var cells = Enumerable.Range(0, count).ToDictionary(cell => cell, cell => Piece(correct: [cell + 1, 4], met: [3, cell + 2]));
        int[] chosen = [count - 1, 0];
        var (correct, met) = Judge(network, chosen, cells, 0.7, 0.7);
        correct.Should().Equal(count, 4);
        met.Should().Equal(3, 2);
    }

    // Labels are 0. The goal of the first attack is to avoid them, of the second class 0, of the third class 1;
    // images at 0.7 are of class 1, at 0.3 of class 0.
    [Fact]
    public void After_a_random_choice_each_image_is_judged_again_by_the_goal_of_its_attack()
    {
        using var scope = NewDisposeScope();
        using var network = Network(1e-6);
        var cells = Enumerable.Range(0, 3).ToDictionary(cell => cell, _ => Piece(correct: [2, 2, 2, 2, 2, 2], met: [3, 3, 3, 3, 3, 3]));
        var (correct, met) = Judge(network, [1, 0, 2, 1, 0, 2], cells, 0.7, 0.7, 0.7, 0.3, 0.3, 0.3);
        correct.Should().Equal(0, 0, 0, Draws, Draws, Draws);
        met.Should().Equal(0, Draws, Draws, Draws, 0, 0);
    }

    // Six attacks that change nothing leave a coin as it is; its draws depend on the number of the image, not on its place in a block.
    [Fact]
    public void The_size_of_blocks_changes_no_verdict_on_the_worst_case()
    {
        using var scope = NewDisposeScope();
        using var coin = new CoinFlip(0.6);
        var (x, labels) = (full([23, 4], 0.5), zeros(23, dtype: ScalarType.Int64));
        AttackEntry[] attacks = [new("idle", _ => new Shift(0)), new("idle too", _ => new Shift(0))];
        string Worst(int block) =>
            new RobustnessEvaluation([new("coin", new Classifier(coin, Bounds.Unit))], attacks, [0.1]) { Draws = Draws, Seed = 1, BlockSize = block }
            .Run(LabeledImages.From(x, labels)).Defenses[0].Strengths[0].Worst.Accuracy.ToString();
        Worst(7).Should().Be(Worst(23));
    }

    private static CellRecord Piece(int[] correct, int[] met) => new(correct, met, 0, 1, 1, 0, null);

    private static nn.Module<Tensor, Tensor> Network(double jitter)
    {
        var network = jitter == 0
            ? nn.Sequential(("threshold", new Threshold()))
            : nn.Sequential(("jitter", new Jitter(jitter)), ("threshold", new Threshold()));
        network.eval();
        return network;
    }

    private static (int[] Correct, int[] Met) Judge(nn.Module<Tensor, Tensor> network, int[] chosen, Dictionary<int, CellRecord> cells, params double[] levels)
    {
        var (images, labels) = (Threshold.Data(levels).X, zeros(levels.Length, dtype: ScalarType.Int64));
        AttackEntry[] attacks =
        [
            new("away", epsilon => new Fgsm(epsilon)),
            new("back", epsilon => new Fgsm(epsilon)) { Goal = of => Goal.Reach(zeros_like(of)), GoalName = "class 0" },
            new("there", epsilon => new Fgsm(epsilon)) { Goal = of => Goal.Reach(ones_like(of)), GoalName = "class 1" },
        ];
        var evaluation = new RobustnessEvaluation([new("model", new Classifier(network, Bounds.Unit))], attacks, [0.1]) { Draws = Draws };
        var plan = new EvaluationPlan(evaluation, LabeledImages.From(images, labels), 1, new Shard(0, 1));
        return WorstCase.Judge(plan, new CellRunner(plan, default), 0, 0, 0, chosen, cells, images, labels, default);
    }
}
