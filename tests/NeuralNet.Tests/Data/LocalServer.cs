using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace NeuralNet.Tests.Data;

/// <summary>An HTTP server on 127.0.0.1 that answers as a test wants.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly HttpListener _listener = new();

    public LocalServer(Func<HttpListenerContext, Task> answer)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        }

        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = ServeAsync(answer);
    }

    public Uri Address { get; }

    public ConcurrentQueue<string> Requests { get; } = [];

    public static LocalServer Sending(byte[] body, int status = 200) => new(async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength64 = body.Length;
        await context.Response.OutputStream.WriteAsync(body);
        context.Response.Close();
    });

    public void Dispose() => _listener.Close();

    private async Task ServeAsync(Func<HttpListenerContext, Task> answer)
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                Requests.Enqueue(context.Request.Url!.AbsolutePath);
                _ = AnswerAsync(answer, context);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // the test has ended and closed the listener
        }
    }

    private static async Task AnswerAsync(Func<HttpListenerContext, Task> answer, HttpListenerContext context)
    {
        try
        {
            await answer(context);
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            context.Response.Abort(); // the client has gone
        }
    }
}
