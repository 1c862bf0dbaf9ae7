using PushFanout.Apns.Connections;
using PushFanout.Apns.Credentials;
using PushFanout.Apns.Transport.Http2;

namespace PushFanout.Apns.Sending;

/// <summary>How a push starts, in two steps: a stream of some connection is kept for it, and when that connection can write it, it counts as written.</summary>
internal sealed class PushStarts(PushBooks books, TimeProvider clock)
{
    /// <summary>Pushes that one connection gets before it is looked again which has most room.</summary>
    private const int Handful = 64;

    /// <summary>Keeps free streams of one connection for pushes that wait.</summary>
    /// <param name="fetched">The provider token of a moment ago; null with a client certificate.</param>
    /// <returns>The connection; null when nothing can begin.</returns>
    public Http2Connection? Begin(ProviderTokenValue? fetched)
    {
        lock (books.Gate)
        {
            var authorization = books.Newest(fetched);
            var starved = false;
            foreach (var urgent in (ReadOnlySpan<bool>)[true, false])
            {
                var most = urgent ? int.MaxValue : books.Congestion.Room(books.InFlight.Count);
                if (most <= 0 || books.Waiting.Peek(urgent) is not { } list)
                {
                    continue;
                }
                starved = true;
                if (books.Pool.WithFreeStream(urgent, out var room) is not { } connection)
                {
                    continue;
                }
                var now = clock.GetTimestamp();
                for (var left = Math.Min(Math.Min(room, most), Handful); left > 0 && list is not null; left--)
                {
                    books.InFlight.Begin(books.Waiting.Take(urgent), connection, authorization, now);
                    list.WaitingSince = now;
                    list = books.Waiting.Peek(urgent);
                }
                return connection.Wire;
            }
            books.Pool.Want(starved);
            return null;
        }
    }

    /// <summary>A connection is about to write: takes pushes that were given to it. What may not start any more goes back to wait.</summary>
    /// <param name="room">Bytes that the write buffer has for them.</param>
    /// <param name="window">Bytes of bodies that the server takes; the last push may need more.</param>
    public int Take(ApnsConnection connection, Span<Push> into, int room, long window)
    {
        var count = 0;
        var now = clock.GetTimestamp();
        lock (books.Gate)
        {
            StartLease? running = null;
            while (count < into.Length && connection.Unwritten.TryPeek(out var push))
            {
                if (push.Stage != PushStage.Begun)
                {
                    connection.Unwritten.Dequeue(); // called back
                    continue;
                }
                if (push.List.Starts is { } starts && !ReferenceEquals(starts, running))
                {
                    if (starts.IsOver)
                    {
                        connection.Unwritten.Dequeue();
                        books.PutBack(push); // begun in time, and then the process stood still
                        continue;
                    }
                    running = starts;
                }
                var body = push.Notification.Payload.Length;
                room -= body + RequestHeaders.MaxBytes;
                if (room < 0 || (window <= 0 && body > 0))
                {
                    break;
                }
                window -= body;
                connection.Unwritten.Dequeue();
                push.Stage = PushStage.Written;
                push.WrittenAt = now;
                into[count++] = push;
            }
        }
        return count;
    }
}
