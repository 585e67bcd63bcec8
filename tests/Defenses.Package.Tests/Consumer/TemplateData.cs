// What a user of the template has: pictures, a folder for each class, and the weights of a trained network.
using Defenses.Training;
using Defenses.Zoo;
using RobustnessReport;

var network = new Network(classes: SyntheticDigits.Classes);
using var train = SyntheticDigits.Train(3_000);
new Trainer(new TrainingOptions { Epochs = 3, Seed = 1, Update = new AdamUpdate { Rate = LearningRate.Constant(0.002) } }).Run(network, train);
network.SaveWeights(Path.Combine(args[0], "weights.safetensors"));

using var test = SyntheticDigits.Test(300);
using var images = test.Images();
var labels = test.Labels.data<long>().ToArray();
foreach (var (label, numbers) in Enumerable.Range(0, labels.Length).GroupBy(number => labels[number]).Select(group => (group.Key, group.Take(2))))
{
    var folder = Directory.CreateDirectory(Path.Combine(args[0], "pictures", $"digit {label}")).FullName;
    foreach (var number in numbers) Pictures.WritePng(Path.Combine(folder, $"{number}.png"), images[number]);
}
