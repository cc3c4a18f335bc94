"""What the public documentation lists, as compact text."""

OPERATIONS = """
    createBooking getBooking confirmBooking rescheduleBooking cancelBooking getAvailability
    createSession deleteSession getUiSettings createConfiguration listConfigurations getConfiguration
    updateConfiguration deleteConfiguration listCalendars getCalendar listEvents getEvent getFreeBusy
    createWebhook listWebhooks getWebhook updateWebhook deleteWebhook rotateWebhookSecret
    rotateWebhookSecretByPut sendTestEvent getMockPayload getWebhookIpAddresses
"""

TRIGGER_TYPES = """
    calendar.created calendar.updated calendar.deleted event.created event.updated event.deleted
    grant.created grant.updated grant.deleted grant.expired grant.imap_sync_completed
    message.send_success message.send_failed message.bounce_detected message.created
    message.created.cleaned message.opened message.opened.legacy message.updated message.link_clicked
    message.link_clicked.legacy thread.replied thread.replied.legacy contact.updated contact.deleted
    folder.created folder.updated folder.deleted booking.created booking.pending booking.rescheduled
    booking.cancelled booking.reminder message.deleted message.transactional.bounced
    message.transactional.complaint message.transactional.delivered message.transactional.rejected
    message.bounced message.complaint message.delivered message.rejected notetaker.created
    notetaker.updated notetaker.deleted notetaker.meeting_state notetaker.media
"""

SAMPLE_TRIGGER_TYPES = """
    calendar.created calendar.updated calendar.deleted event.created event.updated event.deleted
    grant.created grant.updated grant.deleted grant.expired message.send_success message.send_failed
    message.bounce_detected message.created message.created.truncated message.created.cleaned
    message.updated message.updated.truncated contact.updated contact.deleted folder.created
    folder.updated folder.deleted message.opened message.link_clicked thread.replied
"""

# One word a field; `!` marks what is required, `=` the default. `*` stands for any key.
FIELDS = {
    "BookingCreate": """
        start_time! end_time! participants participants[].email guest! guest.email! guest.name! timezone
        email_language="en" additional_guests additional_guests[].email additional_guests[].name
        additional_fields additional_fields.*
    """,
    "BookingResponse": """
        request_id! data! data.booking_id! data.event_id! data.title! data.organizer! data.organizer.email
        data.organizer.name data.status! data.description
    """,
    "BookingUpdate": "start_time! end_time!",
    "BookingOrDoneResponse": "request_id! data data.booking_id! data.status!",
    "DoneResponse": "request_id!",
    "BookingConfirm": "salt! status! cancellation_reason",
    "BookingCancel": "cancellation_reason",
    "ConfigurationCreate": """
        appearance availability! availability.duration_minutes! availability.interval_minutes
        availability.round_to=15 availability.availability_rules
        availability.availability_rules.availability_method="collective"
        availability.availability_rules.buffer availability.availability_rules.buffer.before=0
        availability.availability_rules.buffer.after=0 availability.availability_rules.default_open_hours
        availability.availability_rules.default_open_hours[].days
        availability.availability_rules.default_open_hours[].start
        availability.availability_rules.default_open_hours[].end
        availability.availability_rules.default_open_hours[].timezone
        availability.availability_rules.default_open_hours[].exdates
        availability.availability_rules.default_specific_time_availability
        availability.availability_rules.default_specific_time_availability[].date!
        availability.availability_rules.default_specific_time_availability[].start!
        availability.availability_rules.default_specific_time_availability[].end!
        availability.availability_rules.default_specific_time_availability[].timezone
        availability.availability_rules.only_specific_time_availability=false event_booking!
        event_booking.booking_type="booking" event_booking.conferencing event_booking.description
        event_booking.disable_emails=false event_booking.hide_participants=false event_booking.location
        event_booking.notify_participants=false event_booking.reminders
        event_booking.reminders[].email_subject event_booking.reminders[].minutes_before_event
        event_booking.reminders[].recipient="all" event_booking.reminders[].type event_booking.timezone
        event_booking.title! name participants! participants[].availability
        participants[].availability.calendar_ids! participants[].availability.open_hours
        participants[].availability.open_hours[].days participants[].availability.open_hours[].start
        participants[].availability.open_hours[].end participants[].availability.open_hours[].timezone
        participants[].availability.open_hours[].exdates participants[].booking
        participants[].booking.calendar_id! participants[].email! participants[].grant_id
        participants[].is_organizer=false participants[].name participants[].specific_time_availability
        participants[].specific_time_availability[].date!
        participants[].specific_time_availability[].start!
        participants[].specific_time_availability[].end!
        participants[].specific_time_availability[].timezone
        participants[].only_specific_time_availability=false participants[].timezone
        requires_session_auth=false scheduler scheduler.additional_fields
        scheduler.additional_fields.*.label! scheduler.additional_fields.*.type!
        scheduler.additional_fields.*.required! scheduler.additional_fields.*.default
        scheduler.additional_fields.*.pattern scheduler.additional_fields.*.order
        scheduler.additional_fields.*.options scheduler.available_days_in_future=30
        scheduler.min_booking_notice=60 scheduler.min_cancellation_notice=0 scheduler.cancellation_policy
        scheduler.rescheduling_url scheduler.cancellation_url scheduler.organizer_confirmation_url
        scheduler.confirmation_redirect_url scheduler.hide_rescheduling_options=false
        scheduler.hide_cancellation_options=false scheduler.hide_additional_guests=false
        scheduler.notetaker_settings scheduler.notetaker_settings.enabled=false
        scheduler.notetaker_settings.show_ui_consent_message=true
        scheduler.notetaker_settings.notetaker_name="Nylas_Notetaker"
        scheduler.notetaker_settings.meeting_settings
        scheduler.notetaker_settings.meeting_settings.action_items=true
        scheduler.notetaker_settings.meeting_settings.action_items_settings
        scheduler.notetaker_settings.meeting_settings.audio_recording=true
        scheduler.notetaker_settings.meeting_settings.leave_after_silence_seconds=300
        scheduler.notetaker_settings.meeting_settings.summary=true
        scheduler.notetaker_settings.meeting_settings.summary_settings
        scheduler.notetaker_settings.meeting_settings.transcription=true
        scheduler.notetaker_settings.meeting_settings.video_recording=true scheduler.email_template
        scheduler.email_template.booking_confirmed scheduler.email_template.booking_confirmed.title
        scheduler.email_template.booking_confirmed.body scheduler.email_template.logo
        scheduler.email_template.show_nylas_branding=true slug
    """,
    "SessionCreate": "configuration_id slug time_to_live=5",
    "SessionResponse": "request_id! data! data.session_id!",
    "AvailabilityResponse": """
        request_id! data! data.order data.time_slots data.time_slots[].emails data.time_slots[].start_time
        data.time_slots[].end_time data.time_slots[].event_id data.time_slots[].master_id
        data.time_slots[].calendar_id
    """,
    "UiSettingsResponse": """
        data.configuration_id data.app_client_id data.name data.slug data.booking_type data.appearance
        data.organizer.name data.organizer.email data.scheduler data.scheduler.available_days_in_future!
        data.scheduler.min_cancellation_notice data.scheduler.min_booking_notice
        data.scheduler.cancellation_policy data.scheduler.rescheduling_url data.scheduler.cancellation_url
        data.scheduler.hide_rescheduling_options data.scheduler.hide_cancellation_options
        data.scheduler.hide_additional_guests data.scheduler.additional_fields
        data.scheduler.confirmation_redirect_url data.scheduler.organizer_confirmation_url
        data.scheduler.notetaker_settings data.booking data.booking.additional_fields
        data.booking.additional_guests[].email data.booking.booking_ref data.booking.booking_ref_salt
        data.booking.guest.email data.booking.guest.name data.booking.timezone data.booking.email_language
        data.booking.event_data.location data.booking.event_data.when.start_time
        data.booking.event_data.when.end_time data.booking.event_data.when.start_timezone
        data.booking.event_data.when.end_timezone data.booking.event_data.when.object
        data.booking.event_organizer.name data.booking.event_organizer.email
        data.booking.event_organizer.is_organizer
    """,
    "CalendarListResponse": """
        request_id! data! data[].id! data[].grant_id! data[].name! data[].description data[].timezone
        data[].is_primary data[].read_only! data[].is_owned_by_user! data[].object! next_cursor
    """,
    "CalendarResponse": "request_id! data! data.id!",
    "EventListResponse": """
        request_id! data! data[].id! data[].grant_id! data[].calendar_id! data[].title data[].description
        data[].location data[].busy! data[].status data[].when! data[].when.start_time! data[].when.end_time!
        data[].when.start_timezone data[].when.end_timezone data[].when.date! data[].when.start_date!
        data[].when.end_date! data[].when.time! data[].when.object! data[].participants!
        data[].participants[].email data[].participants[].name data[].participants[].status
        data[].organizer.email data[].organizer.name data[].creator.email data[].metadata data[].metadata.*
        data[].ical_uid data[].html_link data[].read_only data[].recurrence data[].master_event_id
        data[].created_at data[].updated_at data[].object! next_cursor
    """,
    "EventResponse": "request_id! data! data.id!",
    "FreeBusyRequest": "start_time! end_time! emails! tentative_as_busy=true",
    "FreeBusyResponse": """
        request_id! data! data[].email! data[].time_slots! data[].time_slots[].start_time!
        data[].time_slots[].end_time! data[].time_slots[].status! data[].time_slots[].object data[].object!
        data[].error!
    """,
    "WebhookCreate": """
        description trigger_types! webhook_url! notification_email_addresses compressed_delivery=false
    """,
    "WebhookCreateResponse": """
        request_id! data! data.id! data.description data.trigger_types! data.webhook_url!
        data.webhook_secret! data.status! data.notification_email_addresses data.compressed_delivery
    """,
    "WebhookResponse": """
        request_id! data! data.id! data.description data.trigger_types! data.webhook_url! data.status!
        data.notification_email_addresses data.status_updated_at data.created_at data.updated_at
    """,
    "WebhookUpdate": """
        description trigger_types webhook_url status notification_email_addresses compressed_delivery
    """,
    "WebhookSecretResponse": """
        request_id! data! data.id! data.description data.trigger_types! data.webhook_url!
        data.webhook_secret! data.status! data.notification_email_addresses
    """,
    "TestEventRequest": "trigger_type! webhook_url!",
    "TestEventResponse": "request_id! data!",
    "MockPayloadRequest": "trigger_type! webhook_url",
    "MockPayloadResponse": "request_id! data! data.data!",
    "WebhookIpAddressesResponse": "request_id! data! data.ip_addresses! data.updated_at!",
}
ENVELOPE = """
    specversion! type! source! id! time! webhook_delivery_attempt data! data.application_id! data.grant_id
    data.object! data.object.booking_id! data.object.configuration_id! data.object.booking_info!
"""
INFO = """
    event_id start_time end_time participants participants[].email participants[].name additional_fields
    hide_cancellation_options hide_rescheduling_options participant_rescheduling_url
    participant_cancellation_url host_language guest_language title duration location organizer_timezone
    guest_timezone is_group_event organizer_calendar_id event_description event_html_link ical_uid
    host_confirmation_url notetaker_id
"""
SPECIAL = {
    "Created": "data.object.booking_ref data.object.object",
    "Pending": "data.object.booking_ref data.object.booking_type!",
    "Rescheduled": """
        data.object.booking_ref data.object.object data.object.booking_info.old_start_time
        data.object.booking_info.old_end_time
    """,
    "Cancelled": "data.object.booking_info.cancellation_reason",
    "Reminder": """
        data.object.booking_info.time_until_event data.object.booking_info.organizer_email
        data.object.booking_info.provider
    """,
}

for event, special in SPECIAL.items():
    info = " ".join(f"data.object.booking_info.{field}" for field in INFO.split())
    FIELDS[f"Booking{event}Notification"] = f"{ENVELOPE} {info} {special}"
