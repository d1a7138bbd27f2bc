Imports System.IO
Imports MathNet.Numerics.LinearAlgebra
Imports MathNet.Numerics.Random
Imports NeuralNet
Imports NeuralNet.Onnx

Module Program
    Private ReadOnly X As Matrix(Of Double)() = {Row(0, 0), Row(0, 1), Row(1, 0), Row(1, 1)}
    Private ReadOnly Y As Matrix(Of Double)() = {Row(0), Row(1), Row(1), Row(0)}

    Function Main() As Integer
        ' a function and its derivative as one value
        Dim net = Network(New ActivationLayer(ActivationFunction.Tanh), New ActivationLayer(ActivationFunction.Sigmoid))
        net.Use(LossFunction.BinaryCrossEntropy)
        Dim history = net.Fit(X, Y, Options())
        Dim right = net.Evaluate(X, Y, {Metric.BinaryAccuracy})(Metric.BinaryAccuracy) = 1

        ' the article's form, by AddressOf and by lambdas, which are known for what they lead to
        Dim article = Network(
            New ActivationLayer(AddressOf Activations.Tanh, AddressOf Activations.TanhPrime),
            New ActivationLayer(Function(v) Activations.Sigmoid(v), Function(v) Activations.SigmoidPrime(v)))
        article.Use(AddressOf Losses.BinaryCrossEntropy, AddressOf Losses.BinaryCrossEntropyPrime)
        Dim same = history.Losses.SequenceEqual(article.Fit(X, Y, Options()).Losses)
        Dim known = article.ToString().Contains("ActivationLayer(Tanh)") AndAlso article.ToString().Contains("ActivationLayer(Sigmoid)")

        Dim mismatches =
            Refused(
                Sub() Call New ActivationLayer(AddressOf Activations.Tanh, AddressOf Activations.SigmoidPrime).ToString(),
                "Activations.TanhPrime") AndAlso
            Refused(Sub() Call New Network().Use(AddressOf Losses.Mse, AddressOf Losses.MaePrime), "Losses.MsePrime")

        ' a function of one's own is a user's own
        Dim own = New ActivationLayer(Function(v) v.PointwiseMultiply(v), Function(v) 2 * v)

        Dim path = IO.Path.Combine(Directory.CreateTempSubdirectory().FullName, "network.onnx")
        article.Save(path & ".safetensors")
        OnnxModel.Export(article, path, New OnnxExportOptions With {.DataType = OnnxDataType.Float64})
        article.ExportOnnx(path & ".too")
        Dim imported = Values(OnnxModel.Import(path)).SequenceEqual(Values(article))
        Directory.Delete(IO.Path.GetDirectoryName(path), True)

        Dim results = New Dictionary(Of String, Boolean) From {
            {"learnt", right}, {"same losses", same}, {"recognised", known}, {"mismatches refused", mismatches},
            {"own", own.ToString() = "ActivationLayer(custom)"}, {"ONNX", imported}}
        For Each result In results
            Console.WriteLine($"{result.Key}: {result.Value}")
        Next

        Dim good = results.Values.All(Function(ok) ok)
        If good Then Console.WriteLine("OK")
        Return If(good, 0, 1)
    End Function

    Private Function Network(hidden As ActivationLayer, last As ActivationLayer) As Network
        Dim random = New Xoshiro256StarStar(1)
        Return New Network().Add(New FCLayer(2, 3, random:=random)).Add(hidden).Add(New FCLayer(3, 1, random:=random)).Add(last)
    End Function

    Private Function Values(network As Network) As IEnumerable(Of Double)
        Return network.Predict(X).Select(Function(one) one(0, 0))
    End Function

    Private Function Options() As FitOptions
        Return New FitOptions With {
            .Epochs = 1000, .BatchSize = 2, .Optimizer = New Adam(0.05), .Seed = 1, .Metrics = {Metric.BinaryAccuracy}}
    End Function

    Private Function Refused(make As Action, words As String) As Boolean
        Try
            make()
            Return False
        Catch e As ArgumentException
            Return e.Message.Contains(words)
        End Try
    End Function

    Private Function Row(ParamArray values As Double()) As Matrix(Of Double)
        Return Matrix(Of Double).Build.Dense(1, values.Length, values)
    End Function
End Module
