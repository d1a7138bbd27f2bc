open System
open System.IO
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.Random
open NeuralNet
open NeuralNet.Onnx

let row (values: float list) = Matrix<float>.Build.DenseOfRows [ values ]

let x = [| row [ 0.0; 0.0 ]; row [ 0.0; 1.0 ]; row [ 1.0; 0.0 ]; row [ 1.0; 1.0 ] |]
let y = [| row [ 0.0 ]; row [ 1.0 ]; row [ 1.0 ]; row [ 0.0 ] |]

let network (hidden: ActivationLayer) (last: ActivationLayer) =
    let random = Xoshiro256StarStar 1
    Network().Add(FCLayer(2, 3, random = random)).Add(hidden).Add(FCLayer(3, 1, random = random)).Add(last)

let options () =
    FitOptions(Epochs = 1000, BatchSize = 2, Optimizer = Adam 0.05, Seed = 1, Metrics = [| Metric.BinaryAccuracy |])

let refused (make: unit -> obj) (words: string) =
    try
        make () |> ignore
        false
    with :? ArgumentException as e -> e.Message.Contains words

// a function and its derivative as one value
let net =
    (network (ActivationLayer ActivationFunction.Tanh) (ActivationLayer ActivationFunction.Sigmoid)).Use LossFunction.BinaryCrossEntropy

let history = net.Fit(x, y, options ())
let right = net.Evaluate(x, y, [| Metric.BinaryAccuracy |]).[Metric.BinaryAccuracy] = 1.0

// the article's form: F# makes a closure of each, which is known for the method that it leads to
let article =
    (network
        (ActivationLayer(Func<_, _> Activations.Tanh, Func<_, _> Activations.TanhPrime))
        (ActivationLayer((fun v -> Activations.Sigmoid v), (fun v -> Activations.SigmoidPrime v))))
        .Use(Loss(fun t p -> Losses.BinaryCrossEntropy(t, p)), LossPrime(fun t p -> Losses.BinaryCrossEntropyPrime(t, p)))

let same = Seq.forall2 (=) history.Losses (article.Fit(x, y, options ()).Losses)
let known = article.ToString().Contains "ActivationLayer(Tanh)" && article.ToString().Contains "ActivationLayer(Sigmoid)"

let mismatches =
    refused (fun () -> ActivationLayer((fun v -> Activations.Tanh v), (fun v -> Activations.SigmoidPrime v))) "Activations.TanhPrime"
    && refused (fun () -> Network().Use((fun t p -> Losses.Mse(t, p)), (fun t p -> Losses.MaePrime(t, p)))) "Losses.MsePrime"

// a function of one's own is a user's own
let own = ActivationLayer((fun v -> v.PointwiseMultiply v), (fun v -> 2.0 * v))

let path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "network.onnx")
article.Save(path + ".safetensors")
OnnxModel.Export(article, path, OnnxExportOptions(DataType = OnnxDataType.Float64))
article.ExportOnnx(path + ".too")

let values (network: Network) = network.Predict x |> Seq.map (fun one -> one[0, 0]) |> List.ofSeq
let imported = values (OnnxModel.Import path) = values article

Directory.Delete(Path.GetDirectoryName path, true)

let results =
    [ "learnt", right
      "same losses", same
      "recognised", known
      "mismatches refused", mismatches
      "own", own.ToString() = "ActivationLayer(custom)"
      "ONNX", imported ]

for name, ok in results do
    printfn "%s: %b" name ok

if List.forall snd results then
    printfn "OK"

exit (if List.forall snd results then 0 else 1)
