#:project ../src/Defenses.Zoo/Defenses.Zoo.csproj
#:property Torch=native
// What can be proved instead of attacked: a network trained with noise, asked about many noisy copies of each image.
using Defenses.Attacks;
using Defenses.Certification;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Training;
using Defenses.Zoo;
using static TorchSharp.torch;

const double Std = 0.5;   // of the noise, in units of pixels from 0 to 1
using var train = SyntheticDigits.Train(6_000);
using var test = SyntheticDigits.Test(30);
using var network = Networks.LeNetLike(seed: 1, dropout: 0);
var options = new TrainingOptions { Epochs = 2, Seed = 1, Update = new AdamUpdate { Rate = LearningRate.Constant(0.002) } };
new Trainer(options, new GaussianAugmentation(Std)).Run(network, train);
network.eval();

var smoothing = new RandomizedSmoothing(new Classifier(network, Bounds.Unit), Std) { EstimationDraws = 1_000, Seed = 7 };   // 100,000 for use
using var images = test.Images();
var certificates = smoothing.Certify(images);
var labels = test.Labels.data<long>().ToArray();

var certified = certificates.Count(each => each.IsCertified);
Console.WriteLine($"{certified} of {test.Count} answers have a certificate; the first is {certificates[0].Class} within {certificates[0].Radius:0.00}");
foreach (var radius in new[] { 0, 0.25, 0.5, 0.75, 1 })
    Console.WriteLine($"no change shorter than {radius} in L2 can bring the accuracy below {CertifiedAccuracy.At(certificates, labels, radius)}");

// The proof is put to the test: the noisy network is attacked through the mean of many draws, and no certificate may break.
var noisy = new Classifier(nn.Sequential(("noise", new GaussianNoise(Std)), ("network", network)), Bounds.Unit);
noisy.Network.eval();
using var attack = new Pgd(Epsilon: 0.5) { Norm = Norm.L2, Steps = 20, Restarts = 1, Seed = 3 }.Run(new Eot(noisy, draws: 10), images, test.Labels);
var verdict = new CertificateCheck(smoothing) { Draws = 1_000 }.Test(certificates, images, attack.Adversarial);
Console.WriteLine($"PGD moved {verdict.Tested} images within their radius; broken certificates: {verdict.Broken.Count}");
