import CHookGuard
import InterlockHooks
import InterlockJSON

/// One event from the host to the gateway, and its verdict back.
struct Adapter {
    private let arguments: AdapterArguments
    private let codec: any HookCodec

    init(_ arguments: AdapterArguments) {
        self.arguments = arguments
        codec = arguments.host.codec
    }

    func answer() -> HookAnswer {
        // Exit 2 for everything that can still be stopped; the codec knows what stops the rest.
        let event: HookEvent
        do throws(AdapterFailure) {
            event = try self.event(from: try StandardInput.read())
        } catch { return codec.refusal(error.line, eventNamed: arguments.event) }
        prepareEnd(of: event)
        do throws(AdapterFailure) {
            let response = try GatewayConnection.ask(try EndpointFile.read(), event.wire)
            return codec.answer(try verdict(response), to: event)
        } catch { return codec.refusal(error.line, of: event) }
    }

    /// Makes a signal and the end of the time limit refuse the event as its codec does, if exit 2 would not stop it.
    private func prepareEnd(of event: HookEvent) {
        let limit = Int(INTERLOCK_HOOK_PREPARED_BYTES)
        guard let output = codec.unansweredOutput(to: event, limitBytes: limit) else { return }
        unsafe interlock_hook_prepare(output, output.count)
    }

    private func event(from bytes: [UInt8]) throws(AdapterFailure) -> HookEvent {
        do throws(HookInputError) {
            return try codec.event(
                from: bytes, named: arguments.event, environment: environment())
        } catch { throw .input(error) }
    }

    private func verdict(_ bytes: [UInt8]) throws(AdapterFailure) -> HookVerdict {
        do throws(HookWireError) {
            return try HookVerdict(wire: bytes)
        } catch { throw .verdict(error) }
    }

    /// The variables that codecs read; the process has no others.
    private func environment() -> [ExactText: String] {
        var found: [ExactText: String] = [:]
        for name in arguments.host.facts.variables {
            if let value = unsafe interlock_hook_variable(name) {
                found[ExactText(name)] = unsafe String(cString: value)
            }
        }
        return found
    }
}
