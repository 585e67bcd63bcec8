using Defenses.Papers;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Papers;

public sealed class JumpDetectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("jump-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Both_networks_are_attacked_on_images_that_both_recognise_and_what_was_found_is_read_back()
    {
        using var data = Sets.Noise("mnist", isColor: false, training: 110, test: 200);
        var sizes = JumpSizes.Of("smoke", isColor: false) with { Detected = 6, TrustSteps = 2 };
        var task = JumpTask.For(data) with { Jump = (0.01, 0.01), Steps = 2 };
        using var trained = task.Network(3);
        DetectorScores? Measure()
        {
            var context = SmokeRun.Context(new JumpProtocol(), 3, data, _folder);
            using var relu = JumpModel.With(context, task, trained, isRobust: false, 0);
            using var jump = JumpModel.With(context, task, trained, isRobust: false, 0.01);
            return new JumpDetection(context, sizes, task).Measure([relu, jump]);
        }
        var scores = Measure()!;
        foreach (var model in new[] { "ReLU", "JumpReLU κ 0.01" })
        {
            scores.Count(model).Should().Be(6);
            scores.First(model).Should().Be(3, "one half is for the fit");
            task.Attacks(1).Select(attack => scores.Curve(model, attack.Name).Attacked).Should().OnlyContain(count => count == 3);
        }
        Directory.GetFiles(Path.Combine(_folder, "steps")).Should().HaveCount(1 + (2 * 5), "the images, and for each model the clean ones and four attacks");
        Leaks.None(() => Measure()!.Curve("ReLU", "TR").Auc.Should().Be(scores.Curve("ReLU", "TR").Auc));
    }
}
