#:project ../src/Defenses.Zoo/Defenses.Zoo.csproj
#:property Torch=native
// Telling attacked images from clean ones by how much a sampling network disagrees with itself; then an attack that knows the detector.
using Defenses.Attacks;
using Defenses.Detection;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp.Modules;

using var train = SyntheticDigits.Train(6_000);
using var validation = SyntheticDigits.Test(100, start: 100);
using var test = SyntheticDigits.Test(100);
using var images = test.Images();
using var network = Networks.LeNetLike(seed: 1);
new Trainer(new TrainingOptions { Epochs = 2, Seed = 1, Update = new AdamUpdate { Rate = LearningRate.Constant(0.002) } }).Run(network, train);
network.eval();

var plain = new Classifier(network, Bounds.Unit);
using var blind = new Bim(Epsilon: 0.2) { Steps = 40, Variant = BimVariant.First }.Run(plain, images, test.Labels);   // knows of no detector

using var sampling = network.InsertAfter<ReLU>(path => path == "relu1" ? new MvmSampling(0.5) : null, probe: images);
network.Reseed(1);
var model = new Classifier(network, Bounds.Unit);
var detector = new SamplingDetector(model, SamplingStatistic.MeanEntropy, draws: 30) { Seed = 7 };
using var clean = validation.Images();
var threshold = detector.ThresholdFor(clean, falsePositiveRate: 0.05);

Tell("BIM that stops when it succeeds", blind.Adversarial);
var goal = new EvadeDetectors(Goal.Avoid(test.Labels), new DetectorLimit(new SamplingDetector(model, SamplingStatistic.MeanEntropy, draws: 10), threshold));
using var knowing = new CwPgd(Epsilon: 0.2) { Steps = 10, Restarts = 1, Seed = 3 }.Run(model, images, goal);
Tell("CW-PGD that knows the detector", knowing.Adversarial);

void Tell(string name, TorchSharp.torch.Tensor attacked)
{
    var curve = new RocCurve(detector.Measure(images), detector.Measure(attacked));
    var (found, alarms) = (curve.TruePositives(threshold), curve.FalsePositives(threshold));
    Console.WriteLine($"{name}: area under the ROC curve {curve.AucWithin()}; found {found}, false alarms {alarms}");
}
