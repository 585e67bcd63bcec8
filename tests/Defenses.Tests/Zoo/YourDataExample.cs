using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Zoo;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

/// <summary>The program of docs/your-data.md, compiled and run by <see cref="YourDataTests"/>.</summary>
internal static class YourDataExample
{
    internal static void Run(string[] args)
    {
        // Three arguments: a folder with a folder of pictures for each class, a file of weights, a folder for the results.
        var folder = new ImageFolder(args[0], new PictureOptions { Grey = true, Size = (28, 28) }) { Name = "my pictures" };
        folder.Verify();

        var network = nn.Sequential(("flatten", nn.Flatten()), ("fc", nn.Linear(28 * 28, folder.ClassNames.Count)));   // yours
        network.LoadWeights(args[1]);
        network.eval();
        var model = new Classifier(network, Bounds.Unit);

        var (images, labels) = folder.Batch([0, 1, 2]);
        var attack = new Pgd(Epsilon: 8 / 255d) { Seed = 1 };
        using (var found = attack.Run(model, images, labels))
        using (var set = new AdversarialSet(images, found.Adversarial, labels, found.Met, found.Size)
        {
            Name = folder.Name, ClassNames = folder.ClassNames, Attack = $"{attack}", WeightsHash = network.HashWeights(),
            Seeds = new Dictionary<string, ulong> { ["attack"] = 1 },
        })
        {
            set.Save(Path.Combine(args[2], "pgd.safetensors"));
            set.WritePictures(Path.Combine(args[2], "pictures"), zoom: 4);
        }

        // Later, perhaps against another network: that is a transfer.
        using var loaded = AdversarialSet.Load(Path.Combine(args[2], "pgd.safetensors"));
        var verdict = new Judge(draws: 20).Measure(model, loaded.Adversarial, loaded.Labels);
        Console.WriteLine($"{loaded.Attack} on {loaded.Name}: fooled {verdict.Success.MeanDraw}");

        // The whole folder, block by block, with the names of its classes in the report.
        var all = LabeledImages.From(folder);
        Console.WriteLine($"{all.Count} images of {string.Join(", ", all.ClassNames!)}");
    }
}
