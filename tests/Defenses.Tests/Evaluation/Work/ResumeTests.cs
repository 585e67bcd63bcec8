using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Work;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

public sealed class ResumeTests
{
    [Fact]
    public void Stopped_before_any_piece_and_started_again_it_ends_with_the_same_report()
    {
        using var grid = new Grid();
        var whole = grid.Json();
        for (var piece = 0; piece < 22; piece++)
        {
            using var folder = new TemporaryFolder();
            using var steps = new Steps(cancelAt: piece);
            grid.Invoking(of => of.Json(folder.Path, steps, steps.Token)).Should().Throw<OperationCanceledException>();
            using var rest = new Steps();
            grid.Json(folder.Path, rest).Should().Be(whole);
            rest.Reports[0].Done.Should().Be(piece, "finished pieces are not done again");
        }
    }

    [Fact]
    public void Stopped_again_and_again_it_ends_with_the_same_report()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var runs = 0;
        for (; runs < 100; runs++)
        {
            using var steps = new Steps(cancelAt: 3);
            try
            {
                grid.Json(folder.Path, steps, steps.Token).Should().Be(grid.Json());
                break;
            }
            catch (OperationCanceledException) { }
        }
        runs.Should().BeInRange(5, 10);
    }

    [Fact]
    public void A_file_that_was_lost_or_torn_is_made_again()
    {
        string[] damages = ["delete", "truncate", "empty", "change a digit", "other text"];
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var whole = grid.Json(folder.Path);
        var files = Directory.GetFiles(Path.Combine(folder.Path, "work"));
        files.Should().HaveCount(1 + 2 * (2 + 4) + 2,
            "settings, for each block the clean images and the strengths of each defense, and the checks of each defense");
        foreach (var (number, file) in files.Index())
        {
            Damage(file, damages[number % damages.Length]);
            grid.Json(folder.Path).Should().Be(whole);
        }
        foreach (var damage in damages)
        {
            foreach (var file in files) Damage(file, damage);
            grid.Json(folder.Path).Should().Be(whole);
        }
    }

    [Fact]
    public void An_attack_whose_file_was_torn_in_the_middle_of_a_strength_is_run_again()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        using var steps = new Steps(cancelAt: 6);
        grid.Invoking(of => of.Json(folder.Path, steps, steps.Token)).Should().Throw<OperationCanceledException>();
        var cells = Directory.GetFiles(Path.Combine(folder.Path, "work"), "*-a*.json");
        cells.Should().HaveCount(2, "two of three attacks on the random defense are done");
        Damage(cells[0], "truncate");
        File.WriteAllText(cells[1], File.ReadAllText(cells[1]).Replace("\"forward\":", "\"forward\":1"));
        grid.Json(folder.Path).Should().Be(grid.Json());
        Directory.GetFiles(Path.Combine(folder.Path, "work"), "*-a*.json").Should().BeEmpty("adversarial images are kept only as long as they are needed");
    }

    [Fact]
    public void Work_that_is_all_done_is_read_not_done_again()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        grid.Json(folder.Path);
        var reads = new List<long>();
        var examples = new LabeledImages(9, (first, count) =>
        {
            reads.Add(first);
            var (x, labels) = grid.Examples.Read(first, count);
            return (x, labels);
        }) { Name = "levels" };
        using var steps = new Steps();
        grid.Evaluation().Run(examples, folder.Path, steps);
        steps.Reports.Should().ContainSingle().Which.Doing.Should().Be("done");
        reads.GroupBy(first => first).Single(group => group.Key == 5).Should().HaveCount(1, "later images are only read to see whether they are the same");
    }

    [Fact]
    public void Without_a_seed_the_work_continues_with_its_original_seed()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        using var steps = new Steps(cancelAt: 7);
        grid.Evaluation(seed: null).Invoking(of => of.Run(grid.Examples, folder.Path, steps, steps.Token)).Should().Throw<OperationCanceledException>();
        var resumed = grid.Evaluation(seed: null).Run(grid.Examples, folder.Path);
        Grid.Bare(grid.Evaluation(seed: resumed.Settings.Seed).Run(grid.Examples)).Should().Be(Grid.Bare(resumed));
    }

    [Fact]
    public void Work_of_other_settings_models_or_images_is_refused_with_what_differs()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        grid.Json(folder.Path);
        Refuses(grid.Evaluation(draws: 4), grid.Examples, "*draws was 3 and is 4*another folder*");
        Refuses(grid.Evaluation(seed: 2), grid.Examples, "*seed was*");
        Refuses(new RobustnessEvaluation(grid.Defenses, Grid.Attacks, [0.06, 0.23]) { Draws = 3, Seed = 1, BlockSize = 5 }, grid.Examples,
            "*strengths was*attacks was*");
        Refuses(new RobustnessEvaluation([.. grid.Defenses.Reverse()], Grid.Attacks, [0.06, 0.22]) { Draws = 3, Seed = 1, BlockSize = 5 }, grid.Examples,
            "*defenses were*");
        using var stronger = new Grid(std: 0.2);
        Refuses(stronger.Evaluation(), grid.Examples, "*'jitter: jitter: Jitter' gives different outputs*");
        using var reseeded = new Grid(layerSeed: 6);
        Refuses(reseeded.Evaluation(), grid.Examples, "*Reseed(seed)*");
        using var scope = NewDisposeScope();
        var (x, labels) = Threshold.Data(0.2, 0.3, 0.45, 0.52, 0.7, 0.9, 0.2, 0.48, 0.61);
        Refuses(grid.Evaluation(), LabeledImages.From(x, labels, "levels"), "*'none: ' gives different outputs*");
        grid.Json(folder.Path).Should().NotBeEmpty("a refused run changes nothing");

        void Refuses(RobustnessEvaluation evaluation, LabeledImages examples, string message) =>
            evaluation.Invoking(of => of.Run(examples, folder.Path)).Should().Throw<InvalidOperationException>().WithMessage(message);
    }

    [Fact]
    public void An_attack_that_throws_loses_nothing_that_is_finished()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var broken = true;
        AttackEntry[] attacks = [new("FGSM", epsilon => new Fgsm(epsilon)), new("FGSM", epsilon => new Fgsm(epsilon),
            new AttackerView("fragile", (model, block) => broken && block == 1 ? throw new IOException("lost") : model))];
        RobustnessEvaluation Evaluation() => new([grid.Defenses[0]], attacks, [0.1]) { Seed = 1, BlockSize = 5 };
        Evaluation().Invoking(of => of.Run(grid.Examples, folder.Path)).Should().Throw<IOException>().WithMessage("lost");
        broken = false;
        using var steps = new Steps();
        Grid.Bare(Evaluation().Run(grid.Examples, folder.Path, steps)).Should().Be(Grid.Bare(Evaluation().Run(grid.Examples)));
        steps.Reports[0].Doing.Should().Contain("fragile");
    }

    [Fact]
    public void A_folder_that_another_process_works_in_is_refused()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        using (new WorkStore(folder.Path)) grid.Invoking(of => of.Json(folder.Path)).Should().Throw<IOException>().WithMessage("*Another process*");
        grid.Json(folder.Path).Should().NotBeEmpty();
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused_before_any_work()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        using var steps = new Steps();
        foreach (var bad in new[] { file, Path.Combine(file, "below"), "/proc/none" })
            grid.Invoking(of => of.Json(bad, steps)).Should().Throw<IOException>().WithMessage($"*{bad}*Choose another*");
        grid.Invoking(of => of.Json(" ", steps)).Should().Throw<ArgumentException>().WithParameterName("folder");
        steps.Reports.Should().BeEmpty();
    }

    [Theory]
    [InlineData("image", "other images (from image 5 on)")]
    [InlineData("label", "other labels (from image 5 on)")]
    [InlineData("class names", "class names")]
    [InlineData("weight", "other weights (0.unused)")]
    public void A_folder_is_refused_when_anything_of_the_data_or_the_models_has_changed(string what, string message)
    {
        using var folder = new TemporaryFolder();
        using var x = linspace(0.1, 0.9, 9, dtype: ScalarType.Float32).view(9, 1);
        using var labels = x.gt(0.5).to_type(ScalarType.Int64).view(9);
        using var network = nn.Sequential(new WithUnused());
        network.eval();
        EvaluationReport Run(params string[] names) =>
            new RobustnessEvaluation([new("base", new Classifier(network, Bounds.Unit))], [new("FGSM", epsilon => new Fgsm(epsilon))], [0.1]) { Draws = 1,
                Seed = 1, BlockSize = 5 }
                .Run(new LabeledImages(9, (first, count) => (x.narrow(0, first, count), labels.narrow(0, first, count))) { ClassNames = names }, folder.Path);
        Run("low", "high");
        Run("low", "high");
        using var noGrad = no_grad();
        using var last = what == "label" ? labels.narrow(0, 8, 1) : x.narrow(0, 8, 1);
        if (what == "label") last.fill_(0);
        if (what == "image") last.sub_(1.0 / 255);
        if (what == "weight") network.parameters().Single().add_(1e-3);
        var again = () => what == "class names" ? Run("low", "tall") : Run("low", "high");
        again.Should().Throw<InvalidOperationException>().WithMessage($"*{message}*");
    }

    // Its outputs do not depend on its weights.
    private sealed class WithUnused : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter unused = new(ones(3));
        private readonly Threshold _threshold = new();

        internal WithUnused() : base(nameof(WithUnused)) => RegisterComponents();

        public override Tensor forward(Tensor x) => _threshold.call(x);
    }

    [Fact]
    public void A_part_file_of_a_killed_process_is_cleared_away()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "work"));
        File.WriteAllText(Path.Combine(folder.Path, "work", "b0-d0.json.part"), "half");
        grid.Json(folder.Path).Should().Be(grid.Json());
        Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Should().OnlyContain(file => file.EndsWith(".json"));
    }

    private static void Damage(string file, string how)
    {
        var text = File.ReadAllText(file);
        if (how == "delete") File.Delete(file);
        else if (how == "truncate") File.WriteAllText(file, text[..(text.Length / 2)]);
        else if (how == "empty") File.WriteAllText(file, "");
        else if (how == "other text") File.WriteAllText(file, "{}\n{}");
        else File.WriteAllText(file, text[..^3] + (text[^3] == '1' ? '2' : '1') + text[^2..]);
    }
}
