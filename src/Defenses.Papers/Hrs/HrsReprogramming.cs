using Defenses.Attacks;
using Defenses.Models;
using Defenses.Statistics;
using Defenses.Training;
using Defenses.Zoo;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Section 7 of the paper: a colour network is made to recognise digits by a trained layer in front of it, while its own weights stay.</summary>
internal sealed class HrsReprogramming(ProtocolContext context, HrsSizes size, RunData task)
{
    /// <summary>Of each defense on colour images, of the first and the last with the paper's smaller kernel, too; none on grey ones: the program fills a
    /// larger colour image. The task is MNIST, as in the paper; where that is not at hand, digits drawn by the program.</summary>
    internal static IReadOnlyList<HrsProgram> All(ProtocolContext context, HrsSizes size, IEnumerable<HrsDefense> defenses)
    {
        if (!context.Data.IsColor) return [];
        using var task = context.Other("mnist") ?? context.Other("synthetic")!;
        var reprogramming = new HrsReprogramming(context, size, task);
        var all = defenses.ToArray();
        return [.. all.SelectMany(defense => reprogramming.Measure(defense)), .. reprogramming.Measure(all[0], 2), .. reprogramming.Measure(all[^1], 2)];
    }

    /// <summary>The program as in the paper, on a plain view and on one that knows of the draws.</summary>
    /// <param name="defense">What is reprogrammed.</param>
    /// <param name="kernel">Height and width of the program's kernel: the code's 3, or 2.</param>
    internal IEnumerable<HrsProgram> Measure(HrsDefense defense, int kernel = 3)
    {
        yield return Measure(defense, kernel, defense.Model.IsRandom ? "one draw" : "the network", defense.Model);
        if (defense.Exact is { } exact) yield return Measure(defense, kernel, "all paths", exact);
        else if (defense.Model.IsRandom) yield return Measure(defense, kernel, $"EOT {size.EotDraws}", new Eot(defense.Model, size.EotDraws));
    }

    private HrsProgram Measure(HrsDefense defense, int kernel, string setting, ModelView view)
    {
        var isMnist = task.Key == "mnist";
        var other = (kernel == 3 ? "" : $", kernel {kernel}") + (isMnist ? "" : $", {task.Key}");   // the first steps were of kernel 3 and MNIST
        var name = $"reprogramming of {defense.Name}, {setting}{other}";
        return context.Step(name, () =>
        {
            using var train = task.Train.Take(Math.Min(size.Reprogramming.Images, task.Train.Count));
            using var test = task.Test.Take(Math.Min(size.Reprogramming.Test, task.Test.Count));
            using var program = new LocalProgram(task.Train.ImageShape, context.Data.Train.ImageShape, Bounds.Unit, kernel,
                seed: context.SeedOf("program"));
            var options = new TrainingOptions
            {
                Epochs = size.Reprogramming.Epochs, BatchSize = size.Batch, Seed = context.SeedOf(name),
                Update = new SgdUpdate { Rate = LearningRate.InverseTime(size.Rate, 1e-6) },
            };
            var checkpoint = Path.Combine(context.Folder("programs"), $"{defense.Name} {setting}{other}".Replace('/', '-') + ".checkpoint");
            var result = context.Display.Training(name, progress => new Reprogramming { Training = options }.Run(
                view, program, train, test, checkpoint, new SynchronousProgress<TrainingProgress>(step =>
                    progress(step.Step * 100.0 / step.Steps, step.TimeLeft)), context.Cancellation));
            return new HrsProgram(defense.Name, setting, Deployed(defense, program, test),
                [.. result.Epochs.Select(epoch => epoch.ValidationAccuracy ?? double.NaN)]);
        }) with { Kernel = kernel, Task = task.Test.Name, IsOnMnist = isMnist };
    }

    // Not through the attacker's view: a mean over paths would be a better classifier than what is deployed.
    private Proportion Deployed(HrsDefense defense, InputProgram program, DataSet test)
    {
        var chain = nn.Sequential(("program", program), ("network", defense.Network));   // not disposed: its parts have owners
        chain.eval();
        var accuracy = Accuracy.Measure(chain, test, context.SeedOf($"programs judged on {defense.Name}"), cancellation: context.Cancellation);
        return new Proportion(accuracy.Correct, accuracy.Count);
    }
}
