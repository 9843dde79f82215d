use std::time::Duration;

/// The chip's commands that the emulator knows, by name and code (UM0701-02, 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Command {
    /// Self-tests; test 00 is the line's, test 06 asks whether the card is still there.
    Diagnose = 0x00,
    /// Which chip it is, and what it can do.
    GetFirmwareVersion = 0x02,
    /// Reads registers.
    ReadRegister = 0x06,
    /// Writes registers.
    WriteRegister = 0x08,
    /// Flags of the chip's own protocol handling.
    SetParameters = 0x12,
    /// Configuration of a security module, and the way out of the low-voltage mode.
    SamConfiguration = 0x14,
    /// Sleep.
    PowerDown = 0x16,
    /// Settings of the field; item 01 switches it on and off.
    RfConfiguration = 0x32,
    /// One command to the card and its response.
    InDataExchange = 0x40,
    /// Bytes for the card that the chip does not look at, and its answer.
    InCommunicateThru = 0x42,
    /// Ends the card's activation.
    InDeselect = 0x44,
    /// Looks for cards and activates them.
    InListPassiveTarget = 0x4A,
    /// Forgets the card.
    InRelease = 0x52,
}

impl Command {
    const ALL: [Self; 13] = [
        Self::Diagnose,
        Self::GetFirmwareVersion,
        Self::ReadRegister,
        Self::WriteRegister,
        Self::SetParameters,
        Self::SamConfiguration,
        Self::PowerDown,
        Self::RfConfiguration,
        Self::InDataExchange,
        Self::InCommunicateThru,
        Self::InDeselect,
        Self::InListPassiveTarget,
        Self::InRelease,
    ];

    /// The code's command, if the emulator knows it.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|command| *command as u8 == code)
    }
}

/// What goes wrong between chip and computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Neither acknowledgement nor response; the command is not executed.
    NoAck,
    /// The command is refused by a negative acknowledgement, and not executed.
    Nak,
    /// The command is acknowledged, and the chip's error frame follows; it is not executed.
    ErrorFrame,
    /// The command is acknowledged and executed; no response comes.
    Silence,
    /// The response's data has a wrong checksum.
    WrongChecksum,
    /// The response's length has a wrong checksum.
    WrongLengthChecksum,
    /// The response stops after this many bytes of its frame.
    Cut(usize),
    /// These bytes come in place of the response's frame.
    Garbage(Vec<u8>),
    /// The command is not executed; the response holds this data. The first byte of most is the status.
    Response(Vec<u8>),
    /// The response comes this much later.
    Slow(Duration),
}

/// The faults to come.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Planned>);

#[derive(Debug)]
struct Planned {
    command: Command,
    skip: usize,
    stays: bool,
    fault: Fault,
}

impl Faults {
    pub(crate) fn plan(&mut self, command: Command, skip: usize, stays: bool, fault: Fault) {
        self.0.push(Planned {
            command,
            skip,
            stays,
            fault,
        });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// This command's fault. Of several, the one planned first counts.
    pub(crate) fn at(&mut self, command: Command) -> Option<Fault> {
        let mut due = None;
        for (index, planned) in self.0.iter_mut().enumerate() {
            if planned.command != command {
                continue;
            }
            if planned.skip > 0 {
                planned.skip -= 1;
            } else if due.is_none() {
                due = Some((index, planned.fault.clone(), planned.stays));
            }
        }
        let (index, fault, stays) = due?;
        if !stays {
            self.0.remove(index);
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_when_they_are_due() {
        let mut faults = Faults::default();
        faults.plan(Command::InDataExchange, 1, false, Fault::Nak);
        faults.plan(Command::InDataExchange, 3, true, Fault::Silence);
        assert_eq!(faults.at(Command::Diagnose), None);
        let seen: Vec<_> = (0..5).map(|_| faults.at(Command::InDataExchange)).collect();
        assert_eq!(
            seen,
            [
                None,
                Some(Fault::Nak),
                None,
                Some(Fault::Silence),
                Some(Fault::Silence)
            ]
        );
        faults.clear();
        assert_eq!(faults.at(Command::InDataExchange), None);
    }

    #[test]
    fn codes_are_those_of_the_manual() {
        assert_eq!(Command::from_code(0x4A), Some(Command::InListPassiveTarget));
        assert_eq!(Command::from_code(0x60), None);
        for command in Command::ALL {
            assert_eq!(Command::from_code(command as u8), Some(command));
        }
    }
}
